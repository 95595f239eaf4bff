import type { Segmentation, TokenizerModel } from "./model.ts";

const CAPACITY = 1 << 16;
const LONGEST = 64;

/**
 * The same model with a memory of pieces: words repeat, so that most of a corpus is a lookup. Long pieces (sequences) are
 * not kept; when the memory is full it starts again, since what is frequent returns at once.
 */
export function cached(model: TokenizerModel): TokenizerModel {
  const seen = new Map<string, Segmentation>();
  return {
    ...model,
    tokenize: (piece) => {
      const known = seen.get(piece);
      if (known !== undefined) return known;
      const found = model.tokenize(piece);
      if (found !== undefined && piece.length <= LONGEST) {
        if (seen.size >= CAPACITY) seen.clear();
        seen.set(piece, found);
      }
      return found;
    },
  };
}
