import { z } from "zod";
import { randomStream } from "../../common/random.ts";
import {
  add,
  divide,
  exp,
  gather,
  greater,
  matMul,
  multiply,
  reduceMax,
  reduceSum,
  slice,
  square,
  subtract,
  type Tensor,
  transpose,
  unsqueeze,
  type Value,
  where,
} from "../../graph/index.ts";
import { mergeHeads, splitHeads } from "../layers/attention.ts";
import { embeddingLayer } from "../layers/embedding.ts";
import { fixedTable } from "../layers/fixed-table.ts";
import { layerNormLayer, linearLayer } from "../layers/linear.ts";
import { mlp } from "../layers/transformer.ts";
import { tableSize } from "../layers/table-size.ts";

/** Configuration of a Performer language model; the defaults are those of scBERT. */
export const performerConfigSchema = z.strictObject({
  /** Expression bins and special tokens. */
  vocabularySize: z.int().positive().default(7),
  maximumLength: z.int().positive().default(16907),
  width: z.int().positive().default(200),
  depth: z.int().positive().default(6),
  heads: z.int().positive().default(10),
  headWidth: z.int().positive().default(64),
  /** Number of random features; `headWidth * log(headWidth)` by default. */
  features: z.int().positive().optional(),
  feedForwardRatio: z.number().positive().default(4),
  /** A vector for each position, `pos_emb.emb.weight`, which scBERT takes from gene2vec. */
  genePositions: z.boolean().default(true),
  /** Seed of the random features of a new model. */
  seed: z.int().default(0),
});

/** Configuration of a Performer language model. */
export type PerformerConfig = z.infer<typeof performerConfigSchema>;

const epsilon = 1e-5;
const kernelEpsilon = 1e-4;

/**
 * Gaussian orthogonal random features (Choromanski et al. 2021): blocks of orthogonal directions, each with the length
 * of a Gaussian vector.
 *
 * @returns `[features, width]`
 */
export function orthogonalFeatures(features: number, width: number, seed: number, label: string): Tensor {
  const stream = randomStream(seed, "orthogonalFeatures", label);
  const gaussian = (): number[] => Array.from({ length: width }, () => stream.normal());
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const data = new Float32Array(tableSize(features, width));
  let block: number[][] = [];
  for (let row = 0; row < features; row++) {
    if (row % width === 0) block = [];
    const direction = gaussian();
    for (const other of block) {
      const along = dot(direction, other);
      other.forEach((x, i) => (direction[i]! -= along * x));
    }
    const norm = Math.sqrt(dot(direction, direction));
    const unit = direction.map((x) => x / norm);
    block.push(unit);
    const draw = gaussian();
    const length = Math.sqrt(dot(draw, draw));
    data.set(
      unit.map((x) => x * length),
      row * width,
    );
  }
  return { dtype: "float32", shape: [features, width], data };
}

/** Positive random features of the softmax kernel: `exp(W x - |x|^2 / 2 - largest) + epsilon`, scaled. */
function softmaxFeatures(x: Value, projection: Value, largestOver: readonly number[]): Value {
  const width = x.shape.at(-1)!;
  const features = projection.shape[0]!;
  const scaled = multiply(x, width ** -0.25);
  const projected = matMul(scaled, transpose(projection, [1, 0]));
  const length = multiply(reduceSum(square(scaled), [-1]), 0.5);
  const exponent = subtract(subtract(projected, length), reduceMax(projected, largestOver));
  return multiply(add(exp(exponent), kernelEpsilon), features ** -0.5);
}

/**
 * Attention in linear time by positive random features, FAVOR+ (Choromanski et al. 2021).
 *
 * @param query `[batch, heads, tokens, headWidth]`, as are key and value
 * @param projection random features `[features, headWidth]`
 * @param mask 1 for keys, 0 for padding, float32 `[batch, tokens]`; no padding where it is left out. An example of nothing but
 * padding attends to nothing and gets zeros.
 */
export function linearAttention(query: Value, key: Value, value: Value, projection: Value, mask?: Value): Value {
  const queries = softmaxFeatures(query, projection, [-1]);
  // One maximum over the whole tensor, since a different one for each key would change their weights. Padding is moved to
  // zero first, so that it cannot be the maximum by chance.
  const kept = mask === undefined ? undefined : unsqueeze(mask, [1, 3]);
  const all = softmaxFeatures(kept === undefined ? key : multiply(key, kept), projection, [0, 1, 2, 3]);
  const keys = kept === undefined ? all : multiply(all, kept);
  const keysT = transpose(keys, [0, 1, 3, 2]);
  const total = matMul(queries, reduceSum(keysT, [-1]));
  // Without a single key there is nothing to divide by: the sum of no values is zero.
  const { graph } = total;
  const normalizer = mask === undefined ? total : where(greater(total, graph.scalar(0)), total, graph.scalar(1));
  return divide(matMul(queries, matMul(keysT, value)), normalizer);
}

function attentionLayer(x: Value, name: string, config: PerformerConfig, mask?: Value): Value {
  const { heads, headWidth } = config;
  const features = config.features ?? Math.floor(headWidth * Math.log(headWidth));
  const matrix = `${name}.fast_attention.projection_matrix`;
  const projection = fixedTable(x.graph, matrix, orthogonalFeatures(features, headWidth, config.seed, matrix));
  const part = (letter: string): Value =>
    splitHeads(linearLayer(x, `${name}.to_${letter}`, heads * headWidth, { bias: false }), heads);
  const attended = linearAttention(part("q"), part("k"), part("v"), projection, mask);
  return linearLayer(mergeHeads(attended), `${name}.to_out`, x.shape.at(-1)!);
}

/** What the layers of a Performer see. */
export interface PerformerInputs {
  /** `[batch, length]`, int32 or int64 */
  readonly tokens: Value;
  /** Row of the table of positions that each token has (its gene), int32 `[batch, length]`; 0, 1, 2, ... where left out. */
  readonly positions?: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, length]`; no padding where it is left out. */
  readonly mask?: Value;
}

/** The layers of a Performer encoder; see `performer`. */
export function performerStates(
  { tokens, positions, mask }: PerformerInputs,
  config: PerformerConfig,
): { readonly attended: readonly Value[]; readonly encodings: Value } {
  const { width, vocabularySize } = config;
  const normal = { kind: "normal", standardDeviation: 1 } as const;
  const { vectors } = embeddingLayer(tokens, "token_emb", vocabularySize, width, { initializer: normal });
  const placed = (): Value => {
    const table = tokens.graph.parameter("pos_emb.emb.weight", [config.maximumLength, width], normal);
    return positions === undefined ? slice(table, 0, 0, tokens.shape[1]!) : gather(table, positions);
  };
  let x = config.genePositions ? add(vectors, placed()) : vectors;
  const attended: Value[] = [];
  for (let i = 0; i < config.depth; i++) {
    const layer = (j: number): string => `performer.net.layers.${i}.${j}`;
    const hidden = Math.round(width * config.feedForwardRatio);
    const before = x;
    x = before.graph.block(`performer.net.layers.${i}`, () => {
      const y = attentionLayer(layerNormLayer(before, `${layer(0)}.norm`, epsilon), `${layer(0)}.fn`, config, mask);
      attended.push(y);
      const middle = add(before, y);
      const normed = layerNormLayer(middle, `${layer(1)}.norm`, epsilon);
      return add(middle, mlp(normed, `${layer(1)}.fn.fn`, hidden, { names: ["w1", "w2"] }));
    });
  }
  return { attended, encodings: layerNormLayer(x, "norm", epsilon) };
}

/**
 * Performer encoder with a token head, as scBERT (Yang et al. 2022) uses it over the expression bins of all genes,
 * with the parameter names of TencentAILabHealthcare/scBERT (`performer_pytorch/performer_pytorch.py`).
 *
 * @param tokens `[batch, length]`, int32 or int64
 * @returns the result of each layer's attention and `encodings` `[batch, length, width]`, `logits`
 * `[batch, length, vocabularySize]`
 */
export function performer(
  tokens: Value,
  config: PerformerConfig,
): { readonly attended: readonly Value[]; readonly encodings: Value; readonly logits: Value } {
  const states = performerStates({ tokens }, config);
  return { ...states, logits: linearLayer(states.encodings, "to_out", config.vocabularySize) };
}
