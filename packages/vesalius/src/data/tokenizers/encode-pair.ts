import { VesaliusError } from "../../common/errors.ts";
import { sliceEncoding } from "./encoding.ts";
import type { Encoding, Tokenizer } from "./tokenizer.ts";

/** Which of two texts gives way where both do not fit. */
export type Truncation = "longestFirst" | "onlyFirst" | "onlySecond" | "refuse";

/** How long an input is made. */
export interface LengthOptions {
  /** Most tokens, special ones among them. */
  readonly length: number;
  readonly truncation: Truncation;
}

/** How many tokens of each text stay where `room` is too small for both. */
function lengthsWithin(a: number, b: number, room: number, truncation: Truncation): readonly [a: number, b: number] {
  const excess = Math.max(0, a + b - room);
  if (excess === 0 || truncation === "refuse") return [a, b];
  if (truncation === "onlyFirst") return [Math.max(0, a - excess), b];
  if (truncation === "onlySecond") return [a, Math.max(0, b - excess)];
  const difference = Math.min(excess, Math.abs(a - b));
  const each = excess - difference;
  const [fromA, fromB] = [Math.floor(each / 2), Math.ceil(each / 2)];
  return a > b ? [a - difference - fromA, b - fromB] : [a - fromA, b - difference - fromB];
}

/**
 * Encodes one or two texts with the special tokens around them, at most `length` tokens: tokens are cut off the end of the
 * text that `truncation` names, of the longer one first (the second where both are as long) with `longestFirst`.
 * As huggingface/transformers (`truncate_sequences`).
 *
 * @throws VesaliusError `bad-data` where the texts are too long and may not be cut, or what may be cut is too short.
 */
export function encodeToLength(
  tokenizer: Tokenizer,
  first: Encoding,
  second: Encoding | undefined,
  { length, truncation }: LengthOptions,
): Encoding {
  const room = length - tokenizer.wrapLength(second !== undefined);
  const [a, b] = [first.ids.length, second?.ids.length ?? 0];
  const [keptA, keptB] = lengthsWithin(a, b, Math.max(0, room), truncation);
  if (keptA + keptB > room)
    throw new VesaliusError("bad-data", `${a + b} tokens do not fit into ${room}`, {
      fix: "allow more tokens, or truncation of the text that is too long",
    });
  return tokenizer.wrap(
    sliceEncoding(first, 0, keptA),
    second === undefined ? undefined : sliceEncoding(second, 0, keptB),
  );
}

/** An encoding filled up to a length: ids and segments, and 1 where a token stands. */
export interface PaddedEncoding {
  readonly ids: Int32Array;
  readonly typeIds: Int32Array;
  readonly mask: Int32Array;
}

/**
 * Fills an encoding up to `length` tokens with the padding token, behind it or, as HyenaDNA does, before it.
 *
 * @throws VesaliusError `bad-argument` where the encoding is longer or the tokenizer has no padding token.
 */
export function padEncoding(
  tokenizer: Tokenizer,
  encoding: Encoding,
  length: number,
  side: "end" | "start" = "end",
): PaddedEncoding {
  const count = encoding.ids.length;
  const { padding } = tokenizer.special;
  if (count > length) throw new VesaliusError("bad-argument", `${count} tokens cannot be filled up to ${length}`);
  if (padding === undefined)
    throw new VesaliusError("bad-argument", "the tokenizer has no padding token", {
      fix: "name one in the tokenizer's special tokens",
    });
  const at = side === "end" ? 0 : length - count;
  const padded = {
    ids: new Int32Array(length).fill(padding),
    typeIds: new Int32Array(length),
    mask: new Int32Array(length),
  };
  padded.ids.set(encoding.ids, at);
  padded.typeIds.set(encoding.typeIds, at);
  padded.mask.fill(1, at, at + count);
  return padded;
}
