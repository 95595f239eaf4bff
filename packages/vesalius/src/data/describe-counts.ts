import type { FeedCounts } from "./feeds.ts";

/** `truncatedTokens` as words. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/**
 * What encoders tell of examples, in words, by part: `tokens 412, truncated texts 1`. Parts of which nothing is told are
 * left out.
 *
 * @param formatted how a count is written; as it is by default
 */
export function describeCounts(
  counts: FeedCounts,
  formatted: (count: number) => string = String,
): readonly (readonly [part: string, text: string])[] {
  return Object.entries(counts).flatMap(([part, sums]) => {
    const told = Object.entries(sums).map(([what, count]) => `${words(what)} ${formatted(count)}`);
    return told.length === 0 ? [] : [[part, told.join(", ")] as const];
  });
}
