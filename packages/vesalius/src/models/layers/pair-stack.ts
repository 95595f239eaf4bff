import {
  add,
  matMul,
  multiply,
  relu,
  reshape,
  sigmoid,
  subtract,
  transpose,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { attention, mergeHeads, splitHeads } from "./attention.ts";
import { layerNormLayer, linearLayer } from "./linear.ts";

/** Sizes of a pair stack. */
export interface PairStackConfig {
  readonly triangleWidth: number;
  readonly pairHeadWidth: number;
  readonly pairHeads: number;
  readonly transitionRatio: number;
}

const epsilon = 1e-5;
const maskedScore = 1e9;
const bare = { bias: false };

/** Layer normalization with OpenFold's epsilon. */
export const norm = (x: Value, name: string): Value => layerNormLayer(x, name, epsilon);
/** `x` with a further axis behind, to scale vectors by. */
export const column = (x: Value): Value => unsqueeze(x, [x.rank]);
/** `x` with the two axes behind the batch exchanged. */
export const swap = (x: Value): Value => transpose(x, x.rank === 4 ? [0, 2, 1, 3] : [0, 2, 1]);

/**
 * Attention along the second to last axis in which a gate computed from the query scales each head's result.
 *
 * @param x `[batch, rows, tokens, width]`
 * @param mask `[batch, rows, tokens]`
 * @param pairBias added to the scores of every row, `[batch, heads, tokens, tokens]`
 */
export function gatedAttention(
  x: Value,
  name: string,
  size: { readonly heads: number; readonly headWidth: number },
  mask: Value,
  pairBias?: Value,
): Value {
  const [batch, rows, tokens, width] = x.shape as [number, number, number, number];
  const { heads, headWidth } = size;
  const flat = reshape(x, [batch * rows, tokens, width]);
  const project = (part: string, options: { bias?: boolean }): Value =>
    linearLayer(flat, `${name}.${part}`, heads * headWidth, options);
  const hidden = reshape(multiply(subtract(mask, 1), maskedScore), [batch, rows, 1, 1, tokens]);
  const bias = pairBias === undefined ? hidden : add(hidden, unsqueeze(pairBias, [1]));
  const [query, key, value] = ["linear_q", "linear_k", "linear_v"].map((part) =>
    splitHeads(project(part, bare), heads),
  ) as [Value, Value, Value];
  const attended = attention(query, key, value, reshape(bias, [batch * rows, ...bias.shape.slice(2)]));
  const gated = multiply(mergeHeads(attended), sigmoid(project("linear_g", {})));
  return reshape(linearLayer(gated, `${name}.linear_o`, width), x.shape);
}

/** Numbers that pairs add to scores: `[batch, rows, columns, width]` to `[batch, heads, rows, columns]`. */
export const pairBias = (pair: Value, name: string, heads: number): Value =>
  transpose(linearLayer(pair, name, heads, bare), [0, 3, 1, 2]);

/** `linear(relu(linear(norm(x))))` where the mask is 1 (algorithms 9 and 15). */
export function transition(x: Value, mask: Value, name: string, ratio: number): Value {
  const width = x.shape.at(-1)!;
  const hidden = relu(linearLayer(norm(x, `${name}.layer_norm`), `${name}.linear_1`, ratio * width));
  return multiply(linearLayer(hidden, `${name}.linear_2`, width), column(mask));
}

/** Update of each pair from the two other sides of all triangles it belongs to (algorithms 11 and 12). */
function triangleMultiplication(
  pair: Value,
  mask: Value,
  name: string,
  direction: "outgoing" | "incoming",
  config: PairStackConfig,
): Value {
  const width = config.triangleWidth;
  const normed = norm(pair, `${name}.layer_norm_in`);
  const gated = (part: string): Value => {
    const gate = sigmoid(linearLayer(normed, `${name}.linear_${part}_g`, width));
    return multiply(multiply(linearLayer(normed, `${name}.linear_${part}_p`, width), gate), column(mask));
  };
  // [batch, i, k, width] to [batch, width, i, k], and the other side transposed.
  const [first, second] =
    direction === "outgoing"
      ? [
          [0, 3, 1, 2],
          [0, 3, 2, 1],
        ]
      : [
          [0, 3, 2, 1],
          [0, 3, 1, 2],
        ];
  const product = matMul(transpose(gated("a"), first), transpose(gated("b"), second));
  const updated = norm(transpose(product, [0, 2, 3, 1]), `${name}.layer_norm_out`);
  const pairWidth = pair.shape[3]!;
  const gate = sigmoid(linearLayer(normed, `${name}.linear_g`, pairWidth));
  return multiply(linearLayer(updated, `${name}.linear_z`, pairWidth), gate);
}

/** Attention between the pairs that share their first residue, biased by the third side (algorithm 13). */
function triangleAttention(pair: Value, mask: Value, name: string, config: PairStackConfig): Value {
  const normed = norm(pair, `${name}.layer_norm`);
  const bias = pairBias(normed, `${name}.linear`, config.pairHeads);
  const size = { heads: config.pairHeads, headWidth: config.pairHeadWidth };
  return gatedAttention(normed, `${name}.mha`, size, mask, bias);
}

/**
 * All updates of the pairs by triangles, then their perceptron: the pair stack of AlphaFold 2 (Jumper et al. 2021) with
 * the parameter names of aqlaboratory/openfold (`openfold/model/evoformer.py`).
 *
 * @param start `[batch, residues, residues, width]`
 * @param mask 1 for pairs that are there, else 0, float32 `[batch, residues, residues]`
 */
export function pairStack(start: Value, mask: Value, name: string, config: PairStackConfig): Value {
  let pair = start;
  for (const [part, direction] of [
    ["tri_mul_out", "outgoing"],
    ["tri_mul_in", "incoming"],
  ] as const)
    pair = add(pair, triangleMultiplication(pair, mask, `${name}.${part}`, direction, config));
  pair = add(pair, triangleAttention(pair, mask, `${name}.tri_att_start`, config));
  pair = add(pair, swap(triangleAttention(swap(pair), swap(mask), `${name}.tri_att_end`, config)));
  return add(pair, transition(pair, mask, `${name}.pair_transition`, config.transitionRatio));
}
