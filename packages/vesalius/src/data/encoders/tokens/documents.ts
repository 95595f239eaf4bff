import { VesaliusError } from "../../../common/errors.ts";
import type { Encoding, Tokenizer } from "../../tokenizers/tokenizer.ts";

/** Encodings one after the other; `offsets` and words go on where those before end. */
function joined(parts: readonly { readonly encoding: Encoding; readonly start: number }[]): Encoding {
  const length = parts.reduce((sum, { encoding }) => sum + encoding.ids.length, 0);
  const result = {
    ids: new Int32Array(length),
    tokens: parts.flatMap(({ encoding }) => encoding.tokens),
    offsets: new Int32Array(2 * length),
    wordIds: new Int32Array(length),
    typeIds: new Int32Array(length),
    sequenceIds: new Int32Array(length),
  };
  let at = 0;
  let words = 0;
  for (const { encoding, start } of parts) {
    result.ids.set(encoding.ids, at);
    result.offsets.set(
      encoding.offsets.map((offset) => offset + start),
      2 * at,
    );
    result.wordIds.set(
      encoding.wordIds.map((word) => (word < 0 ? -1 : word + words)),
      at,
    );
    words += encoding.wordIds.reduce((most, word) => Math.max(most, word + 1), 0);
    at += encoding.ids.length;
  }
  return result;
}

/**
 * Makes what encodes a text in which a separator parts documents: the tokenizer's end token stands in its place, and no
 * token reaches from one document into the next.
 *
 * @throws VesaliusError `bad-configuration` for a tokenizer without an end token
 */
export function documentEncoder(tokenizer: Tokenizer, separator: string | undefined): (text: string) => Encoding {
  const encode = (text: string): Encoding => tokenizer.encode(text, { specialTokens: "text" });
  if (separator === undefined) return encode;
  const { end } = tokenizer.special;
  if (end === undefined)
    throw new VesaliusError("bad-configuration", "the tokenizer has no end token to part documents with", {
      fix: "name one in the tokenizer's special tokens, or leave out separator",
    });
  const boundary = (): Encoding => ({
    ids: Int32Array.of(end),
    tokens: [tokenizer.vocabulary[end]!],
    offsets: new Int32Array(2),
    wordIds: Int32Array.of(-1),
    typeIds: new Int32Array(1),
    sequenceIds: new Int32Array(1),
  });
  return (text) => {
    let start = 0;
    return joined(
      text.split(separator).flatMap((document, i) => {
        const parts = [{ encoding: encode(document), start }];
        if (i > 0) parts.unshift({ encoding: boundary(), start: start - separator.length });
        start += document.length + separator.length;
        return parts;
      }),
    );
  };
}
