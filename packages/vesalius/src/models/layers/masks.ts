import { add, type Graph, minimum, multiply, reshape, scaleGradient, subtract, type Value } from "../../graph/index.ts";
import { filledSize } from "./table-size.ts";

/**
 * The most negative float32: what a masked score gets. Finite, so that a row of nothing but masked scores gives a
 * uniform softmax instead of NaN.
 */
export const maskedScore = -3.4028234663852886e38;

/** Padding mask `[batch, tokens]` (1 keep, 0 padding) as numbers added to attention scores `[batch, 1, 1, tokens]`. */
export function paddingBias(mask: Value): Value {
  const [batch, tokens] = mask.shape as [number, number];
  return reshape(multiply(subtract(mask.graph.scalar(1), mask), maskedScore), [batch, 1, 1, tokens]);
}

/**
 * Numbers added to attention scores so that a position sees only itself and what came before: `[1, 1, length, length]`.
 *
 * @param window positions that are seen, the own one included; all before it by default
 */
export function causalBias(graph: Graph, length: number, window = length): Value {
  const data = new Float32Array(filledSize(length, length));
  for (let i = 0; i < length; i++) {
    data.fill(maskedScore, i * length, i * length + Math.max(0, i - window + 1));
    data.fill(maskedScore, i * length + i + 1, (i + 1) * length);
  }
  return graph.constant({ dtype: "float32", shape: [1, 1, length, length], data });
}

/**
 * Causal and padding mask together, `[1 or batch, 1, length, length]`. A masked score stays the most negative number
 * where both masks meet, as in transformers' decoders.
 *
 * @param mask 1 for tokens, 0 for padding, float32 `[batch, length]`; no padding where it is left out
 * @param window as for `causalBias`
 */
export function decoderBias(graph: Graph, length: number, mask?: Value, window?: number): Value {
  const causal = causalBias(graph, length, window);
  return mask === undefined ? causal : minimum(causal, paddingBias(mask));
}

/** A mask of GPT-2: what is added to the scores, and what is done with the sum. */
export interface ChosenMask {
  /** `[batch, 1, length, length]` */
  readonly bias: Value;
  readonly limit: (scores: Value) => Value;
}

/**
 * Causal and padding mask as in transformers' GPT-2 up to its version 4.4x: what comes later is chosen away, padding is added.
 * They differ from `decoderBias` where all that a token may see is padding: it then sees that padding and later tokens,
 * each as much, but no later padding, and the scores of later tokens get no gradient.
 *
 * @param mask 1 for tokens, 0 for padding, float32 `[batch, length]`
 */
export function chosenDecoderMask(graph: Graph, length: number, mask: Value): ChosenMask {
  const data = Float32Array.from({ length: filledSize(length, length) }, (_, i) =>
    Number(i % length <= Math.floor(i / length)),
  );
  const earlier = graph.constant({ dtype: "float32", shape: [1, 1, length, length], data });
  return {
    // Twice the most negative number is minus infinity, in rows that hold other numbers.
    bias: add(causalBias(graph, length), paddingBias(mask)),
    limit: (scores) => scaleGradient(scores, earlier),
  };
}
