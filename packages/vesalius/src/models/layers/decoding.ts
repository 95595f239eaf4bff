import { greater, type Graph, minimum, reshape, subtract, type Value, where } from "../../graph/index.ts";
import type { AttendTo } from "./attention.ts";
import { decoderBias, maskedScore } from "./masks.ts";
import { tableSize } from "./table-size.ts";

/** Tokens that continue a text whose keys and values are kept: each one in the slot of its position. */
export interface Continuation {
  /** Position of each token in its text, from 0, int32 `[batch, tokens]`. */
  readonly positions: Value;
  /** Number of slots; larger than every position. */
  readonly slots: number;
}

/** How a decoder is built to write a text token by token. Whatever is left out is as in training. */
export interface Decoding {
  /** Set where the tokens continue a text; they begin one where it is left out. */
  readonly continuation?: Continuation;
  /** What self-attention sees in place of each layer's own keys and values. */
  readonly attendTo?: AttendTo;
  /** What attention to an encoder's result sees in place of each layer's own keys and values. */
  readonly attendToEncoded?: AttendTo;
  /** Takes those of the last hidden states `[batch, tokens, width]` that logits are wanted of. All by default. */
  readonly select?: (final: Value) => Value;
}

/** Numbers of the slots, int32 `[1, 1, 1, slots]`. */
export const slotNumbers = (graph: Graph, slots: number): Value =>
  graph.constant({
    dtype: "int32",
    shape: [1, 1, 1, slots],
    data: Int32Array.from({ length: tableSize(slots) }, (_, i) => i),
  });

/**
 * Numbers added to attention scores so that a token sees the slots up to its own: `[batch, 1, tokens, slots]`. Slots
 * behind it may hold anything, so texts of different length stand side by side without padding in front.
 */
function continuationBias({ positions, slots }: Continuation, window: number | undefined): Value {
  const { graph, shape } = positions;
  const own = reshape(positions, [shape[0]!, 1, shape[1]!, 1]);
  const numbers = slotNumbers(graph, slots);
  const hidden = (isHidden: Value): Value => where(isHidden, graph.scalar(maskedScore), graph.scalar(0));
  const later = hidden(greater(numbers, own));
  if (window === undefined || window >= slots) return later;
  return minimum(later, hidden(greater(subtract(own, window - 1), numbers)));
}

/**
 * Numbers added to the scores of a decoder's self-attention, for tokens that begin a text or continue one.
 *
 * @param mask as for `decoderBias`; a continuation needs none
 * @param window tokens that a token sees, itself included; all before it where it is left out
 * @returns `[1 or batch, 1, tokens, tokens or slots]`
 */
export const decodingBias = (tokens: Value, decoding: Decoding, mask?: Value, window?: number): Value =>
  decoding.continuation === undefined
    ? decoderBias(tokens.graph, tokens.shape[1]!, mask, window)
    : continuationBias(decoding.continuation, window);
