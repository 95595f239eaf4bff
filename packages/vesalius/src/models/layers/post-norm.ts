import { add, type Value } from "../../graph/index.ts";
import { multiHeadAttention } from "./attention.ts";
import { layerNormLayer, linearLayer } from "./linear.ts";
import type { Activation } from "./transformer.ts";

/** Options of `postNormAttention`. */
export interface PostNormAttentionOptions {
  readonly heads: number;
  readonly epsilon: number;
  /** Name of the part that holds the projections: `self` in BERT, `attention` in the Q-Former. */
  readonly projections: string;
  /** What keys and values are made of; the input itself by default. */
  readonly context?: Value;
  /** Added to the scores. */
  readonly bias?: Value;
}

/**
 * Attention of BERT's layers, normalised after the addition: `norm(dense(attention(x)) + x)`, with the parameters
 * `${name}.self.{query,key,value}`, `${name}.output.dense` and `${name}.output.LayerNorm`.
 *
 * @param x `[batch, tokens, width]`
 */
export function postNormAttention(
  x: Value,
  name: string,
  options: PostNormAttentionOptions,
): { readonly output: Value; readonly probabilities: Value } {
  const inner = `${name}.${options.projections}`;
  const { output, probabilities } = multiHeadAttention(x, {
    heads: options.heads,
    projections: {
      query: `${inner}.query`,
      key: `${inner}.key`,
      value: `${inner}.value`,
      output: `${name}.output.dense`,
    },
    ...(options.context ? { context: options.context } : {}),
    ...(options.bias ? { bias: options.bias } : {}),
  });
  return { output: layerNormLayer(add(output, x), `${name}.output.LayerNorm`, options.epsilon), probabilities };
}

/**
 * Feed-forward part of BERT's layers: `norm(dense(activation(dense(x))) + x)`, with the parameters `${up}.dense`,
 * `${down}.dense` and `${down}.LayerNorm`.
 *
 * @param x `[batch, tokens, width]`
 */
export function postNormFeedForward(
  x: Value,
  [up, down]: readonly [up: string, down: string],
  hidden: number,
  epsilon: number,
  activation: Activation,
): Value {
  const expanded = activation(linearLayer(x, `${up}.dense`, hidden));
  const contracted = linearLayer(expanded, `${down}.dense`, x.shape.at(-1)!);
  return layerNormLayer(add(contracted, x), `${down}.LayerNorm`, epsilon);
}
