import { z } from "zod";
import { type AlignedText, sliceAligned } from "../aligned-text.ts";
import { component } from "../component.ts";
import type { PreTokenizer } from "./pre-tokenizer.ts";

/** Characters of a text by code points, as `[start, end)` in units. */
function* characters(text: string): Generator<readonly [start: number, end: number]> {
  let start = 0;
  for (const character of text) {
    yield [start, start + character.length];
    start += character.length;
  }
}

/**
 * Overlapping k-mers, one from every character on; a text with fewer than k characters has none. As DNABERT
 * (`seq2kmer`). This type is Vesalius's own, since pieces of Hugging Face's pre-tokenizers do not overlap.
 */
export const kmers = component({
  type: "Kmers",
  settings: z.object({ k: z.int().min(1).max(64) }),
  create:
    ({ k }): PreTokenizer =>
    (pieces) =>
      pieces.flatMap((piece) => {
        const found: AlignedText[] = [];
        const ranges = [...characters(piece.text)];
        for (let at = 0; at + k <= ranges.length; at++)
          found.push(sliceAligned(piece, ranges[at]![0], ranges[at + k - 1]![1]));
        return found;
      }),
});

/** Pieces of a fixed number of characters; the last one may be shorter. */
export const fixedLength = component({
  type: "FixedLength",
  settings: z.object({ length: z.int().min(1).max(1_000_000).default(5) }),
  create:
    ({ length }): PreTokenizer =>
    (pieces) =>
      pieces.flatMap((piece) => {
        const found: AlignedText[] = [];
        const ranges = [...characters(piece.text)];
        for (let at = 0; at < ranges.length; at += length)
          found.push(sliceAligned(piece, ranges[at]![0], ranges[Math.min(at + length, ranges.length) - 1]![1]));
        return found;
      }),
});
