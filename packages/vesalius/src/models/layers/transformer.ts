import {
  add,
  gelu,
  type Initializer,
  layerNorm,
  linear,
  matMul,
  multiply,
  reshape,
  softmax,
  split,
  squeeze,
  transpose,
  type Value,
} from "../../graph/index.ts";

/** Starting weights of transformers since BERT: normal with deviation 0.02, cut at two deviations. */
export const transformerInit: Initializer = { kind: "truncatedNormal", standardDeviation: 0.02 };

/** Options of `linearLayer`. */
export interface LinearLayerOptions {
  readonly bias?: boolean;
  readonly initializer?: Initializer;
}

/**
 * Linear layer with parameters `${name}.weight` `[features, inFeatures]` and `${name}.bias` `[features]`.
 *
 * @param x `[..., inFeatures]`
 * @returns `[..., features]`
 */
export function linearLayer(x: Value, name: string, features: number, options: LinearLayerOptions = {}): Value {
  return x.graph.scope(name, () => {
    const weight = x.graph.parameter(
      `${name}.weight`,
      [features, x.shape.at(-1)!],
      options.initializer ?? transformerInit,
    );
    const bias = options.bias === false ? undefined : x.graph.parameter(`${name}.bias`, [features], { kind: "zeros" });
    return linear(x, weight, bias);
  });
}

/**
 * Layer normalization over the last axis with parameters `${name}.weight` and `${name}.bias`.
 *
 * @param x `[..., width]`
 */
export function layerNormLayer(x: Value, name: string, epsilon: number): Value {
  return x.graph.scope(name, () => {
    const width = x.shape.at(-1)!;
    const scale = x.graph.parameter(`${name}.weight`, [width], { kind: "ones" });
    const bias = x.graph.parameter(`${name}.bias`, [width], { kind: "zeros" });
    return layerNorm(x, scale, bias, epsilon);
  });
}

/** `[batch, tokens, width]` to `[batch, heads, tokens, width / heads]`. */
export function splitHeads(x: Value, heads: number): Value {
  const [batch, tokens, width] = x.shape as [number, number, number];
  return transpose(reshape(x, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
}

/** `[batch, heads, tokens, headWidth]` to `[batch, tokens, heads * headWidth]`. */
export function mergeHeads(x: Value): Value {
  const [batch, heads, tokens, width] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * width]);
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017).
 *
 * @param query `[batch, heads, queries, headWidth]`
 * @param key `[batch, heads, keys, headWidth]`
 * @param value `[batch, heads, keys, headWidth]`
 * @param bias added to the scores before the softmax, broadcast to `[batch, heads, queries, keys]`: masks as large
 * negative numbers, relative positions
 * @returns `[batch, heads, queries, headWidth]`
 */
export function attention(
  query: Value,
  key: Value,
  value: Value,
  bias?: Value,
  scale = query.shape.at(-1)! ** -0.5,
): Value {
  // Scaling the query touches fewer elements than scaling the scores.
  const scores = matMul(multiply(query, scale), transpose(key, [0, 1, 3, 2]));
  return matMul(softmax(bias === undefined ? scores : add(scores, bias)), value);
}

/**
 * Self-attention with one projection for queries, keys and values, in timm's layout: `${name}.qkv`, `${name}.proj`.
 *
 * @param x `[batch, tokens, width]`
 */
export function fusedSelfAttention(
  x: Value,
  name: string,
  heads: number,
  options: { qkvBias?: boolean; bias?: Value } = {},
): Value {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const qkv = linearLayer(x, `${name}.qkv`, 3 * width, { bias: options.qkvBias ?? true });
  return x.graph.scope(name, () => {
    const parts = transpose(reshape(qkv, [batch, tokens, 3, heads, width / heads]), [2, 0, 3, 1, 4]);
    const [query, key, value] = split(parts, [1, 1, 1], 0).map((part) => squeeze(part, [0])) as [Value, Value, Value];
    return linearLayer(mergeHeads(attention(query, key, value, options.bias)), `${name}.proj`, width);
  });
}

/**
 * Two-layer perceptron with exact GELU in timm's layout: `${name}.fc1`, `${name}.fc2`.
 *
 * @param x `[batch, tokens, width]`
 */
export function mlp(x: Value, name: string, hidden: number): Value {
  return linearLayer(gelu(linearLayer(x, `${name}.fc1`, hidden)), `${name}.fc2`, x.shape.at(-1)!);
}

/**
 * Pre-norm transformer block as in ViT: `x + attention(norm1(x))`, then `x + mlp(norm2(x))`.
 *
 * @param x `[batch, tokens, width]`
 */
export function preNormBlock(
  x: Value,
  name: string,
  options: { heads: number; mlpRatio: number; epsilon: number; qkvBias?: boolean; bias?: Value },
): Value {
  const width = x.shape.at(-1)!;
  const attended = add(
    x,
    fusedSelfAttention(layerNormLayer(x, `${name}.norm1`, options.epsilon), `${name}.attn`, options.heads, options),
  );
  return add(
    attended,
    mlp(
      layerNormLayer(attended, `${name}.norm2`, options.epsilon),
      `${name}.mlp`,
      Math.round(width * options.mlpRatio),
    ),
  );
}
