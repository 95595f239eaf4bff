import { add, type Initializer, type Value } from "../../graph/index.ts";
import { multiHeadAttention } from "./attention.ts";
import { dropoutLayer } from "./dropout.ts";
import { layerNormLayer, linearLayer } from "./linear.ts";
import type { ForwardMode } from "./normalization.ts";
import type { Activation } from "./transformer.ts";

/** What both halves of a post-norm layer share. */
export interface PostNormOptions {
  readonly epsilon: number;
  /** Share of the branch that training drops before it is added; 0 by default. */
  readonly dropout?: number;
  /** Use, without dropout, by default. */
  readonly mode?: ForwardMode;
  /** Start of the weights; `transformerInit` by default. */
  readonly initializer?: Initializer;
}

/** Options of `postNormAttention`. */
export interface PostNormAttentionOptions extends PostNormOptions {
  readonly heads: number;
  /** Name of the part that holds the projections: `self` in BERT, `attention` in the Q-Former. */
  readonly projections: string;
  /** What keys and values are made of; the input itself by default. */
  readonly context?: Value;
  /** Added to the scores. */
  readonly bias?: Value;
  /** Added to the scores, from queries and keys; see `multiHeadAttention`. */
  readonly distanceScores?: ((query: Value, key: Value) => Value) | undefined;
  /** Share of the attention probabilities that training drops; 0 by default. */
  readonly attentionDropout?: number;
}

const inUse: ForwardMode = { training: false };

/**
 * Attention of BERT's layers, normalised after the addition: `norm(dropout(dense(attention(x))) + x)`, with the
 * parameters `${name}.self.{query,key,value}`, `${name}.output.dense` and `${name}.output.LayerNorm`.
 *
 * @param x `[batch, tokens, width]`
 */
export function postNormAttention(
  x: Value,
  name: string,
  options: PostNormAttentionOptions,
): { readonly output: Value; readonly probabilities: Value } {
  const inner = `${name}.${options.projections}`;
  const { mode = inUse, dropout = 0, attentionDropout = 0 } = options;
  const { output, probabilities } = multiHeadAttention(x, {
    heads: options.heads,
    projections: {
      query: `${inner}.query`,
      key: `${inner}.key`,
      value: `${inner}.value`,
      output: `${name}.output.dense`,
    },
    drop: (weights) => dropoutLayer(weights, inner, attentionDropout, mode),
    ...(options.initializer ? { initializer: options.initializer } : {}),
    ...(options.context ? { context: options.context } : {}),
    ...(options.bias ? { bias: options.bias } : {}),
    distanceScores: options.distanceScores,
  });
  const kept = dropoutLayer(output, `${name}.output`, dropout, mode);
  return { output: layerNormLayer(add(kept, x), `${name}.output.LayerNorm`, options.epsilon), probabilities };
}

/** Options of `postNormFeedForward`. */
export interface PostNormFeedForwardOptions extends PostNormOptions {
  readonly hidden: number;
  readonly activation: Activation;
}

/**
 * Feed-forward part of BERT's layers: `norm(dropout(dense(activation(dense(x)))) + x)`, with the parameters
 * `${up}.dense`, `${down}.dense` and `${down}.LayerNorm`.
 *
 * @param x `[batch, tokens, width]`
 */
export function postNormFeedForward(
  x: Value,
  [up, down]: readonly [up: string, down: string],
  options: PostNormFeedForwardOptions,
): Value {
  const layer = options.initializer ? { initializer: options.initializer } : {};
  const expanded = options.activation(linearLayer(x, `${up}.dense`, options.hidden, layer));
  const contracted = linearLayer(expanded, `${down}.dense`, x.shape.at(-1)!, layer);
  const kept = dropoutLayer(contracted, down, options.dropout ?? 0, options.mode ?? inUse);
  return layerNormLayer(add(kept, x), `${down}.LayerNorm`, options.epsilon);
}
