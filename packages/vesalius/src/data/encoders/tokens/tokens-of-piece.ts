import type { Span } from "../../columns/spans.ts";
import type { PreparedTokens } from "./read-tokens.ts";

/**
 * First and last token that a piece of a text reaches into.
 *
 * @param sequence which text of a pair the piece is of, 0 or 1
 * @returns undefined where no token stands for it: it was cut off
 */
export function tokensOfPiece(
  { sequenceIds, offsets }: Pick<PreparedTokens, "sequenceIds" | "offsets">,
  { start, end }: Span,
  sequence: 0 | 1,
): readonly [number, number] | undefined {
  let [first, last] = [-1, -1];
  sequenceIds.forEach((of, token) => {
    if (of !== sequence || offsets[2 * token]! >= end || offsets[2 * token + 1]! <= start) return;
    if (first < 0) first = token;
    last = token;
  });
  return first < 0 ? undefined : [first, last];
}
