import { z } from "zod";
import {
  add,
  leakyRelu,
  linear,
  matMul,
  minimum,
  relu,
  reshape,
  select,
  sigmoid,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { fusedSelfAttention, torchAttentionNames } from "../layers/attention.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { paddingBias } from "../layers/masks.ts";
import { mlp } from "../layers/transformer.ts";

/** Configuration of scGPT; the defaults are those of its whole-human checkpoint. */
export const scgptConfigSchema = z.strictObject({
  /** Genes and special tokens. */
  vocabularySize: z.int().positive().default(60697),
  width: z.int().positive().default(512),
  depth: z.int().positive().default(12),
  heads: z.int().positive().default(8),
  hiddenWidth: z.int().positive().default(512),
  /** Layers of the cell classifier. */
  classifierLayers: z.int().positive().default(3),
  paddingToken: z.int().nonnegative().nullable().default(60694),
  /** Predict beside each value the probability that it is zero. */
  explicitZeros: z.boolean().default(false),
});

/** Configuration of scGPT. */
export type ScgptConfig = z.infer<typeof scgptConfigSchema>;

const epsilon = 1e-5;

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

/** `norm(linear(relu(linear(value))))` of each expression value. */
function encodeExpression(expression: Value, width: number): Value {
  const values = unsqueeze(minimum(expression, largestExpression), [2]);
  const name = "value_encoder";
  const encoded = linearLayer(relu(linearLayer(values, `${name}.linear1`, width)), `${name}.linear2`, width);
  return layerNormLayer(encoded, `${name}.norm`, epsilon);
}

/**
 * scGPT (Cui et al. 2024), a post-norm transformer over the genes of a cell and their expression, with the parameter
 * names of bowang-lab/scGPT (`scgpt/model/model.py`).
 *
 * @param genes gene numbers `[cells, genes]`, int32 or int64, the first one a class token
 * @param expression expression values `[cells, genes]`, masked ones already replaced
 * @param mask 1 for genes, 0 for padding, float32 `[cells, genes]`; no padding where it is left out
 */
export function scgpt(genes: Value, expression: Value, config: ScgptConfig, mask?: Value): ScgptOutputs {
  const { width, heads } = config;
  const { vectors } = embeddingLayer(genes, "encoder.embedding", config.vocabularySize, width, {
    paddingToken: config.paddingToken,
    initializer: { kind: "uniform", bound: 0.1 },
  });
  const named = layerNormLayer(vectors, "encoder.enc_norm", epsilon);
  const bias = mask === undefined ? {} : { bias: paddingBias(mask) };
  let x = add(named, encodeExpression(expression, width));
  for (let i = 0; i < config.depth; i++) {
    const layer = `transformer_encoder.layers.${i}`;
    const before = x;
    x = before.graph.block(layer, () => {
      const names = torchAttentionNames;
      const attended = fusedSelfAttention(before, `${layer}.self_attn`, heads, { names, ...bias });
      const middle = layerNormLayer(add(before, attended), `${layer}.norm1`, epsilon);
      const expanded = mlp(middle, layer, config.hiddenWidth, { activation: relu, names: ["linear1", "linear2"] });
      return layerNormLayer(add(middle, expanded), `${layer}.norm2`, epsilon);
    });
  }
  return { genes: named, hidden: x, cell: select(x, 1, 0) };
}

/** Three linear layers to one number for each gene, with leaky ReLU between them. */
function expressionHead(hidden: Value, name: string, width: number): Value {
  const first = leakyRelu(linearLayer(hidden, `${name}.0`, width));
  const second = leakyRelu(linearLayer(first, `${name}.2`, width));
  return reshape(linearLayer(second, `${name}.4`, 1), hidden.shape.slice(0, 2));
}

/** Expression values predicted from each gene's hidden state (`decoder`). */
export const scgptExpression = ({ hidden }: ScgptOutputs, config: ScgptConfig): ExpressionPrediction => ({
  values: expressionHead(hidden, "decoder.fc", config.width),
  expressedLogits: config.explicitZeros ? expressionHead(hidden, "decoder.zero_logit", config.width) : undefined,
});

/** Expression values predicted from the cell's vector and a query for each gene (`mvc_decoder`, inner product). */
export function scgptCellExpression({ genes, cell }: ScgptOutputs, config: ScgptConfig): ExpressionPrediction {
  const { width } = config;
  const name = "mvc_decoder";
  const queries = sigmoid(linearLayer(genes, `${name}.gene2query`, width));
  const column = unsqueeze(cell, [2]);
  const inner = (x: Value): Value => reshape(matMul(x, column), genes.shape.slice(0, 2));
  const weight = genes.graph.parameter(`${name}.W.weight`, [width, width], { kind: "kaimingUniform" });
  return {
    values: inner(linear(queries, weight)),
    expressedLogits: config.explicitZeros ? inner(linearLayer(queries, `${name}.W_zero_logit`, width)) : undefined,
  };
}

/**
 * Cell classifier (`cls_decoder`): layers of width `width` with ReLU and normalization, then the classes.
 *
 * @returns logits `[cells, classes]`
 */
export function scgptClassifier({ cell }: ScgptOutputs, config: ScgptConfig, classes: number): Value {
  let x = cell;
  for (let i = 0; i < config.classifierLayers - 1; i++) {
    const name = `cls_decoder._decoder`;
    x = layerNormLayer(relu(linearLayer(x, `${name}.${3 * i}`, config.width)), `${name}.${3 * i + 2}`, epsilon);
  }
  return linearLayer(x, "cls_decoder.out_layer", classes);
}
