import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  concat,
  expand,
  leakyRelu,
  linear,
  matMul,
  relu,
  reshape,
  sigmoid,
  stopGradient,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { activate } from "../layers/convolution-block.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import type { ScgptConfig, ScgptOutputs } from "./scgpt.ts";

/** Added to the variance of every layer normalization. */
const epsilon = 1e-5;

/** A prediction of expression values. */
export interface ExpressionPrediction {
  /** `[cells, genes]` */
  readonly values: Value;
  /** Logits of the probability that a value is not zero, `[cells, genes]`; with `explicitZeros` only. */
  readonly expressedLogits: Value | undefined;
}

/** Three linear layers to one number for each gene, with leaky ReLU between them. */
function expressionHead(hidden: Value, name: string, width: number): Value {
  const first = leakyRelu(linearLayer(hidden, `${name}.0`, width));
  const second = leakyRelu(linearLayer(first, `${name}.2`, width));
  return reshape(linearLayer(second, `${name}.4`, 1), hidden.shape.slice(0, 2));
}

/**
 * Vector of each cell's batch (`batch_encoder`), which `scgptExpression` and `scgptCellExpression` see beside the cell's.
 *
 * @param labels number of each cell's batch `[cells]`, int32 or int64
 * @returns `[cells, width]`
 */
export function scgptBatches(labels: Value, config: ScgptConfig): Value {
  const { vectors } = embeddingLayer(labels, "batch_encoder.embedding", config.batchLabels ?? 0, config.width, {
    initializer: { kind: "normal", standardDeviation: 1 },
  });
  return layerNormLayer(vectors, "batch_encoder.enc_norm", epsilon);
}

/** Refuses vectors of batches that the configuration does not name, and their lack where it does. */
function checkBatches(batches: Value | undefined, config: ScgptConfig): void {
  if ((batches === undefined) === (config.batchLabels === undefined)) return;
  throw new VesaliusError(
    "bad-configuration",
    batches === undefined
      ? "the decoders see the batch of each cell, which is not given"
      : "the batch of each cell is given to decoders that see none",
    { fix: "set batchLabels to the number of batches and give scgptBatches, or leave both out" },
  );
}

/**
 * Expression values predicted from each gene's hidden state (`decoder`).
 *
 * @param batches vector of each cell's batch `[cells, width]`, with `batchLabels` only
 * @throws VesaliusError `bad-configuration` where `batches` are given without `batchLabels`, or the other way round
 */
export function scgptExpression(
  { hidden }: Pick<ScgptOutputs, "hidden">,
  config: ScgptConfig,
  batches?: Value,
): ExpressionPrediction {
  checkBatches(batches, config);
  const seen = batches === undefined ? hidden : concat([hidden, expand(unsqueeze(batches, [1]), hidden.shape)], 2);
  return {
    values: expressionHead(seen, "decoder.fc", config.width),
    expressedLogits: config.explicitZeros ? expressionHead(seen, "decoder.zero_logit", config.width) : undefined,
  };
}

/** Width of the queries and of the hidden layer of the original's decoders with a perceptron. */
const queryWidth = 64;

/**
 * Expression values predicted from the cell's vector and a query for each gene (`mvc_decoder`).
 *
 * @param batches vector of each cell's batch `[cells, width]`, with `batchLabels` only
 * @throws VesaliusError `bad-configuration` where `batches` are given without `batchLabels`, or the other way round
 */
export function scgptCellExpression(
  { genes, cell }: Pick<ScgptOutputs, "genes" | "cell">,
  config: ScgptConfig,
  batches?: Value,
): ExpressionPrediction {
  checkBatches(batches, config);
  const { width, cellDecoder } = config;
  const name = "mvc_decoder";
  const places = genes.shape.slice(0, 2);
  const seen = cellDecoder === "innerProductDetached" ? stopGradient(genes) : genes;
  const query = (features: number): Value => sigmoid(linearLayer(seen, `${name}.gene2query`, features));
  if (cellDecoder === "concatQuery" || cellDecoder === "sumQuery") {
    const beside = unsqueeze(cell, [1]);
    const joined =
      cellDecoder === "sumQuery"
        ? add(beside, query(width))
        : concat([expand(beside, [...places, width]), query(queryWidth)], 2);
    const hidden = linearLayer(joined, `${name}.fc1`, queryWidth);
    const active = activate(hidden, `${name}.hidden_activation`, { kind: "prelu", slope: 0.25 });
    return { values: reshape(linearLayer(active, `${name}.fc2`, 1), places), expressedLogits: undefined };
  }
  const queries = query(width);
  const whole = batches === undefined ? cell : concat([cell, batches], 1);
  const column = unsqueeze(whole, [2]);
  const inner = (x: Value): Value => reshape(matMul(x, column), places);
  const features = whole.shape[1]!;
  const weight = genes.graph.parameter(`${name}.W.weight`, [features, width], { kind: "kaimingUniform" });
  return {
    values: inner(linear(queries, weight)),
    expressedLogits: config.explicitZeros ? inner(linearLayer(queries, `${name}.W_zero_logit`, features)) : undefined,
  };
}

/**
 * Cell classifier (`cls_decoder`): layers of width `width` with ReLU and normalization, then the classes.
 *
 * @returns logits `[cells, classes]`
 */
export function scgptClassifier({ cell }: Pick<ScgptOutputs, "cell">, config: ScgptConfig, classes: number): Value {
  let x = cell;
  for (let i = 0; i < config.classifierLayers - 1; i++) {
    const name = `cls_decoder._decoder`;
    x = layerNormLayer(relu(linearLayer(x, `${name}.${3 * i}`, config.width)), `${name}.${3 * i + 2}`, epsilon);
  }
  return linearLayer(x, "cls_decoder.out_layer", classes);
}
