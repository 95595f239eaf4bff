import { type Graph, minimum, multiply, reshape, subtract, type Value } from "../../graph/index.ts";
import { tableSize } from "./table-size.ts";

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

/** Numbers added to attention scores so that a position sees only itself and what came before: `[1, 1, length, length]`. */
export function causalBias(graph: Graph, length: number): Value {
  const data = new Float32Array(tableSize(length, length));
  for (let i = 0; i < length; i++) data.fill(maskedScore, i * length + i + 1, (i + 1) * length);
  return graph.constant({ dtype: "float32", shape: [1, 1, length, length], data });
}

/**
 * Causal and padding mask together, `[1 or batch, 1, length, length]`. A masked score stays the most negative number
 * where both masks meet, as in transformers' decoders.
 *
 * @param mask 1 for tokens, 0 for padding, float32 `[batch, length]`; no padding where it is left out
 */
export function decoderBias(graph: Graph, length: number, mask?: Value): Value {
  const causal = causalBias(graph, length);
  return mask === undefined ? causal : minimum(causal, paddingBias(mask));
}
