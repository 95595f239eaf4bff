import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  cast,
  concat,
  expand,
  l2Normalize,
  leakyRelu,
  linear,
  matMul,
  minimum,
  multiply,
  reduceSum,
  relu,
  reshape,
  select,
  sigmoid,
  stopGradient,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { fusedSelfAttention, torchAttentionNames } from "../layers/attention.ts";
import { activate } from "../layers/convolution-block.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import { meanOverPlaces } from "../layers/pooling.ts";
import { mlp } from "../layers/transformer.ts";

/** Settings of scGPT; the defaults are those of its whole-human checkpoint. */
export const scgptSettingsSchema = z
  .strictObject({
    /** Genes and special tokens; as many as the encoder of genes has where it is left out. */
    vocabularySize: z.int().positive().optional(),
    width: z.int().positive().default(512),
    depth: z.int().positive().max(1000).default(12),
    heads: z.int().positive().default(8),
    hiddenWidth: z.int().positive().default(512),
    /** Layers of the cell classifier. */
    classifierLayers: z.int().positive().default(3),
    paddingToken: z.int().nonnegative().nullable().default(60694),
    /** Predict beside each value the probability that it is zero. */
    explicitZeros: z.boolean().default(false),
    /**
     * How a gene's value is added to its vector: by a perceptron, as a row of a table of `valueBins`, or as a factor of
     * the gene's vector.
     */
    values: z.enum(["continuous", "category", "scaling"]).default("continuous"),
    valueBins: z.int().positive().default(51),
    /**
     * What stands for the cell: the class token, the mean of its genes, their mean with the places of padding, as the
     * original takes it, or their sum weighted by the values, brought to length 1.
     */
    pooling: z.enum(["token", "mean", "meanOfAll", "weighted"]).default("token"),
    /** How a value follows from the vector of the cell and a query for the gene; detached queries train no genes. */
    cellDecoder: z.enum(["innerProduct", "innerProductDetached", "concatQuery", "sumQuery"]).default("innerProduct"),
    /** Normalise in front of attention and perceptron in place of behind them. */
    normFirst: z.boolean().default(false),
    /** Dropout of embedded values, attention and branches, in training. */
    dropout: z.number().min(0).lt(1).default(0),
  })
  .refine(({ width, heads }) => width % heads === 0, {
    error: "the number of heads divides the width",
    path: ["heads"],
  })
  .refine(({ explicitZeros, cellDecoder }) => !explicitZeros || cellDecoder.startsWith("innerProduct"), {
    error: "only decoders by inner product predict the probability that a value is zero",
    path: ["cellDecoder"],
  });

/** Configuration of scGPT: its settings with a vocabulary. */
export const scgptConfigSchema = scgptSettingsSchema
  .safeExtend({
    vocabularySize: z.int().positive().default(60697),
    /** Number of batches, a vector of which the decoders of values see; none where it is left out. */
    batchLabels: z.int().positive().optional(),
  })
  .refine(({ batchLabels, cellDecoder }) => batchLabels === undefined || cellDecoder.startsWith("innerProduct"), {
    error: "only decoders by inner product have room for the vector of a batch",
    path: ["cellDecoder"],
  });

/** Configuration of scGPT. */
export type ScgptConfig = z.infer<typeof scgptConfigSchema>;
/** Settings of scGPT. */
export type ScgptSettings = z.infer<typeof scgptSettingsSchema>;

const epsilon = 1e-5;
const inUse: ForwardMode = { training: false };

/** Expression values larger than this are cut. */
const largestExpression = 512;

/** A prediction of expression values. */
export interface ExpressionPrediction {
  /** `[cells, genes]` */
  readonly values: Value;
  /** Logits of the probability that a value is not zero, `[cells, genes]`; with `explicitZeros` only. */
  readonly expressedLogits: Value | undefined;
}

/** What scGPT's encoder gives. */
export interface ScgptOutputs {
  /** Vectors of the genes before the transformer, `[cells, genes, width]`. */
  readonly genes: Value;
  /** `[cells, genes, width]` */
  readonly hidden: Value;
  /** Vector of each cell, the first token's, `[cells, width]`. */
  readonly cell: Value;
}

/** What a gene's value adds to its vector: `norm(linear(relu(linear(value))))`, or a row of a table, normalised. */
function encodeExpression(expression: Value, config: ScgptConfig, mode: ForwardMode): Value {
  const { width, dropout } = config;
  const name = "value_encoder";
  if (config.values === "category") {
    const { vectors } = embeddingLayer(cast(expression, "int32"), `${name}.embedding`, config.valueBins, width, {
      initializer: { kind: "normal", standardDeviation: 1 },
    });
    return layerNormLayer(vectors, `${name}.enc_norm`, epsilon);
  }
  const values = unsqueeze(minimum(expression, largestExpression), [2]);
  const encoded = linearLayer(relu(linearLayer(values, `${name}.linear1`, width)), `${name}.linear2`, width);
  return dropoutLayer(layerNormLayer(encoded, `${name}.norm`, epsilon), name, dropout, mode);
}

/** A layer of PyTorch's transformer encoder, normalised behind its branches or in front of them. */
function encoderLayer(x: Value, layer: string, config: ScgptConfig, mode: ForwardMode, bias?: Value): Value {
  const { heads, dropout, normFirst } = config;
  const drop = (value: Value, part: string): Value => dropoutLayer(value, `${layer}.${part}`, dropout, mode);
  const norm = (value: Value, index: 1 | 2): Value => layerNormLayer(value, `${layer}.norm${index}`, epsilon);
  const attend = (value: Value): Value => {
    const attended = fusedSelfAttention(value, `${layer}.self_attn`, heads, {
      names: torchAttentionNames,
      drop: (weights) => drop(weights, "self_attn"),
      ...(bias === undefined ? {} : { bias }),
    });
    return drop(attended, "dropout1");
  };
  const forward = (value: Value): Value => {
    const names = ["linear1", "linear2"] as const;
    const inner = (hidden: Value): Value => drop(hidden, "inner");
    return drop(mlp(value, layer, config.hiddenWidth, { activation: relu, names, drop: inner }), "dropout2");
  };
  if (normFirst) {
    const middle = add(x, attend(norm(x, 1)));
    return add(middle, forward(norm(middle, 2)));
  }
  const middle = norm(add(x, attend(x)), 1);
  return norm(add(middle, forward(middle)), 2);
}

/** The vector of each cell. */
function pool(hidden: Value, expression: Value, mask: Value | undefined, config: ScgptConfig): Value {
  if (config.pooling === "token") return select(hidden, 1, 0);
  if (config.pooling === "mean") return meanOverPlaces(hidden, mask);
  if (config.pooling === "meanOfAll") return meanOverPlaces(hidden);
  const weights = unsqueeze(mask === undefined ? expression : multiply(expression, mask), [2]);
  return l2Normalize(reduceSum(multiply(hidden, weights), [1], { keepDimensions: false }));
}

/**
 * scGPT (Cui et al. 2024), a transformer over the genes of a cell and their expression, with the parameter names of
 * bowang-lab/scGPT (`scgpt/model/model.py`).
 *
 * @param genes gene numbers `[cells, genes]`, int32 or int64, the first one a class token
 * @param expression expression values `[cells, genes]`, masked ones already replaced
 * @param mask 1 for genes, 0 for padding, float32 `[cells, genes]`; no padding where it is left out
 */
export function scgpt(
  genes: Value,
  expression: Value,
  config: ScgptConfig,
  mask?: Value,
  mode: ForwardMode = inUse,
): ScgptOutputs {
  const { vectors } = embeddingLayer(genes, "encoder.embedding", config.vocabularySize, config.width, {
    paddingToken: config.paddingToken,
    initializer: { kind: "uniform", bound: 0.1 },
  });
  const named = layerNormLayer(vectors, "encoder.enc_norm", epsilon);
  const bias = mask === undefined ? undefined : paddingBias(mask);
  let x =
    config.values === "scaling"
      ? multiply(named, unsqueeze(expression, [2]))
      : add(named, encodeExpression(expression, config, mode));
  for (let i = 0; i < config.depth; i++) {
    const layer = `transformer_encoder.layers.${i}`;
    const before = x;
    x = before.graph.block(layer, () => encoderLayer(before, layer, config, mode, bias));
  }
  return { genes: named, hidden: x, cell: pool(x, expression, mask, config) };
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
