import { type LogitsProcessor, without } from "./processor.ts";

/**
 * Forbids tokens that would repeat a sequence of `size` tokens which the text already has (Paulus et al. 2017).
 *
 * @param size 1 forbids every token that occurred
 */
export const noRepeatNgram =
  (size: number): LogitsProcessor =>
  (logits, { tokens }) => {
    const forbidden = new Set<number>();
    const tail = tokens.length - (size - 1);
    for (let start = 0; start + size <= tokens.length; start++) {
      let same = 0;
      while (same < size - 1 && tokens[start + same] === tokens[tail + same]) same++;
      if (same === size - 1) forbidden.add(tokens[start + size - 1]!);
    }
    return forbidden.size === 0 ? logits : without(logits, forbidden);
  };
