import { VesaliusError } from "../../common/errors.ts";
import {
  add,
  expand,
  type Initializer,
  matMul,
  multiply,
  reshape,
  softmax,
  split,
  transpose,
  unsqueeze,
  type Value,
} from "../../graph/index.ts";
import { linearLayer } from "./linear.ts";

/**
 * `[batch, tokens, width]` to `[batch, heads, tokens, width / heads]`.
 *
 * @throws VesaliusError `bad-configuration` where the heads do not divide the width
 */
export function splitHeads(x: Value, heads: number): Value {
  const [batch, tokens, width] = x.shape as [number, number, number];
  if (width % heads !== 0)
    throw new VesaliusError("bad-configuration", `${heads} heads do not divide the width ${width}`, {
      fix: "choose another number of heads",
    });
  return transpose(reshape(x, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
}

/** `[batch, heads, tokens, headWidth]` to `[batch, tokens, heads * headWidth]`. */
export function mergeHeads(x: Value): Value {
  const [batch, heads, tokens, width] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * width]);
}

/**
 * Weights with which each query sees the keys: `softmax(scale * query key^T + bias)`.
 *
 * @param query `[batch, heads, queries, headWidth]`
 * @param key `[batch, heads, keys, headWidth]`
 * @param bias added to the scores before the softmax, broadcast to `[batch, heads, queries, keys]`: masks as large
 * negative numbers, relative positions
 * @param scale `headWidth ** -0.5` by default
 * @param limit applied to the scores with their bias
 * @returns `[batch, heads, queries, keys]`
 */
export function attentionProbabilities(
  query: Value,
  key: Value,
  bias?: Value,
  scale = query.shape.at(-1)! ** -0.5,
  limit = (scores: Value): Value => scores,
): Value {
  // Scaling the query touches fewer elements than scaling the scores.
  const scaled = scale === 1 ? query : multiply(query, scale);
  const scores = matMul(scaled, transpose(key, [0, 1, 3, 2]));
  return softmax(limit(bias === undefined ? scores : add(scores, bias)));
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017); see `attentionProbabilities`.
 *
 * @param value `[batch, heads, keys, headWidth]`
 * @returns `[batch, heads, queries, headWidth]`
 */
export const attention = (query: Value, key: Value, value: Value, bias?: Value, scale?: number): Value =>
  matMul(attentionProbabilities(query, key, bias, scale), value);

/** Keys and values of an attention layer, each `[batch, heads, keys, headWidth]`. */
export interface KeysAndValues {
  readonly key: Value;
  readonly value: Value;
}

/** Sees the keys and values that a layer made and returns those that its queries attend to. */
export type AttendTo = (own: KeysAndValues, layer: string) => KeysAndValues;

/** Parameter names of a fused self-attention, after the layer's own name. */
export interface FusedAttentionNames {
  readonly weight: string;
  readonly bias: string;
  readonly output: string;
}

/** timm: `qkv.weight`, `proj`. */
export const timmAttentionNames: FusedAttentionNames = { weight: "qkv.weight", bias: "qkv.bias", output: "proj" };
/** PyTorch's MultiheadAttention: `in_proj_weight`, `out_proj`. */
export const torchAttentionNames: FusedAttentionNames = {
  weight: "in_proj_weight",
  bias: "in_proj_bias",
  output: "out_proj",
};

/** Options of `fusedSelfAttention`. */
export interface FusedAttentionOptions {
  readonly qkvBias?: boolean;
  readonly outputBias?: boolean;
  /** Added to the scores, see `attentionProbabilities`; may follow from the queries `[batch, heads, tokens, headWidth]`. */
  readonly bias?: Value | ((query: Value) => Value);
  /** timm's by default. */
  readonly names?: FusedAttentionNames;
  /** Factor on the scores; see `attentionProbabilities`. */
  readonly scale?: number | undefined;
  /** Applied to the scores with their bias, in front of the softmax. */
  readonly limit?: (scores: Value) => Value;
  /** What is attended to in place of the layer's own keys and values. */
  readonly attendTo?: AttendTo;
  /** Order of the axes of the weights. */
  readonly layout?: "outIn" | "inOut";
  /** Start of both weights; `transformerInit` by default. */
  readonly initializer?: Initializer;
  /** Applied to the probabilities `[batch, heads, tokens, tokens]` before they weigh the values, as dropout is. */
  readonly drop?: (probabilities: Value) => Value;
}

/**
 * Self-attention with one projection for queries, keys and values, side by side in this order.
 *
 * @param x `[batch, tokens, width]`
 */
export function fusedSelfAttention(x: Value, name: string, heads: number, options: FusedAttentionOptions = {}): Value {
  const width = x.shape.at(-1)!;
  const names = options.names ?? timmAttentionNames;
  const layout = options.layout ?? "outIn";
  const initializer = options.initializer ? { initializer: options.initializer } : {};
  const qkv = linearLayer(x, name, 3 * width, {
    bias: options.qkvBias ?? true,
    layout,
    ...initializer,
    parameters: { weight: `${name}.${names.weight}`, bias: `${name}.${names.bias}` },
  });
  return x.graph.scope(name, () => {
    const parts = split(qkv, [width, width, width], 2).map((part) => splitHeads(part, heads));
    const [query, key, value] = parts as [Value, Value, Value];
    const scores = typeof options.bias === "function" ? options.bias(query) : options.bias;
    const seen = options.attendTo?.({ key, value }, name) ?? { key, value };
    const probabilities = attentionProbabilities(query, seen.key, scores, options.scale, options.limit);
    const merged = mergeHeads(matMul(options.drop?.(probabilities) ?? probabilities, seen.value));
    const bias = options.outputBias ?? true;
    return linearLayer(merged, `${name}.${names.output}`, width, { bias, layout, ...initializer });
  });
}

/** Options of `multiHeadAttention`. */
export interface MultiHeadAttentionOptions {
  readonly heads: number;
  /** Full names of the four projections. */
  readonly projections: {
    readonly query: string;
    readonly key: string;
    readonly value: string;
    readonly output: string;
  };
  /** Heads of the keys and values, each shared by `heads / keyValueHeads` queries (Ainslie et al. 2023). */
  readonly keyValueHeads?: number;
  /** Width of a head; the input's width divided by the heads by default. */
  readonly headWidth?: number;
  /** What keys and values are made of, `[batch, keys, contextWidth]`; the input itself by default. */
  readonly context?: Value;
  /** Width of the result; that of the input by default. */
  readonly outputWidth?: number;
  /** What values are made of, where it is not what keys are made of, `[batch, keys, contextWidth]`. */
  readonly values?: Value;
  /** Added to the scores; see `attentionProbabilities`. */
  readonly bias?: Value;
  /** Added to the scores too, from queries and keys `[batch, heads, tokens, headWidth]`, before these are scaled. */
  readonly distanceScores?: ((query: Value, key: Value) => Value) | undefined;
  readonly scale?: number;
  /** Which projections have biases: all of them by default. */
  readonly biases?: boolean | { readonly input: boolean; readonly output: boolean };
  /** Applied to queries and keys `[batch, heads, tokens, headWidth]`, as rotary positions are. */
  readonly rotate?: (x: Value, part: "query" | "key") => Value;
  /** What is attended to in place of the layer's own keys (rotated) and values, `[batch, keyValueHeads, ...]`. */
  readonly attendTo?: AttendTo;
  /** Applied to the probabilities `[batch, heads, queries, keys]` before they weigh the values, as dropout is. */
  readonly drop?: (probabilities: Value) => Value;
  /** Start of all four weights; `transformerInit` by default. */
  readonly initializer?: Initializer;
}

/** Repeats each head of keys or values for the queries that share it. */
function repeatHeads(x: Value, times: number): Value {
  const [batch, heads, tokens, width] = x.shape as [number, number, number, number];
  if (times === 1) return x;
  const repeated = expand(unsqueeze(x, [2]), [batch, heads, times, tokens, width]);
  return reshape(repeated, [batch, heads * times, tokens, width]);
}

/**
 * Multi-head attention (Vaswani et al. 2017) with separate projections for queries, keys, values and the result.
 *
 * @param x `[batch, tokens, width]`
 * @returns the result `[batch, tokens, outputWidth]` and the probabilities `[batch, heads, tokens, keys]`
 */
export function multiHeadAttention(
  x: Value,
  options: MultiHeadAttentionOptions,
): { readonly output: Value; readonly probabilities: Value } {
  const width = x.shape.at(-1)!;
  const { heads, projections, biases = true, context = x, rotate = (y: Value) => y } = options;
  const has = typeof biases === "boolean" ? { input: biases, output: biases } : biases;
  const headWidth = options.headWidth ?? width / heads;
  const shared = options.keyValueHeads ?? heads;
  const layer = options.initializer ? { initializer: options.initializer } : {};
  const project = (from: Value, part: "query" | "key" | "value", count: number): Value =>
    splitHeads(linearLayer(from, projections[part], count * headWidth, { ...layer, bias: has.input }), count);
  const query = rotate(project(x, "query", heads), "query");
  const own = {
    key: rotate(project(context, "key", shared), "key"),
    value: project(options.values ?? context, "value", shared),
  };
  const seen = options.attendTo?.(own, projections.key) ?? own;
  // Where each head has one query, those that share keys can be their several queries, and no key is copied.
  const [batch, , queries] = query.shape as [number, number, number];
  const together = queries === 1 && (options.bias === undefined || options.bias.shape.at(-3) === 1);
  const times = together ? 1 : heads / shared;
  const grouped = together ? reshape(query, [batch, shared, heads / shared, headWidth]) : query;
  const key = repeatHeads(seen.key, times);
  const value = repeatHeads(seen.value, times);
  const scored = options.distanceScores?.(query, key);
  const bias =
    scored !== undefined && options.bias !== undefined ? add(scored, options.bias) : (scored ?? options.bias);
  const probabilities = attentionProbabilities(grouped, key, bias, options.scale);
  const kept = options.drop?.(probabilities) ?? probabilities;
  const merged = mergeHeads(reshape(matMul(kept, value), query.shape));
  return {
    output: linearLayer(merged, projections.output, options.outputWidth ?? width, { ...layer, bias: has.output }),
    probabilities: reshape(probabilities, [batch, heads, queries, key.shape[2]!]),
  };
}
