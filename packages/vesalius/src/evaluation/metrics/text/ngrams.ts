import { requireCases } from "../input-checks.ts";
import { VesaliusError } from "../../../common/errors.ts";

/** A text that a model wrote, with texts that would have been right. */
export interface GeneratedText {
  readonly hypothesis: string;
  /** At least one. */
  readonly references: readonly string[];
}

/** Throws `bad-data` where there is no case, or a case without a reference. */
export function requireGeneratedTexts(cases: readonly GeneratedText[]): void {
  requireCases(cases.length);
  const without = cases.findIndex(({ references }) => references.length === 0);
  if (without < 0) return;
  throw new VesaliusError("bad-data", "a generated text has no reference to be compared with", {
    where: `case ${without}`,
    fix: "leave out cases without a reference",
  });
}

/** How often each n-gram occurs. */
export type NgramCounts = ReadonlyMap<string, number>;

/** Counts the n-grams of a sequence of tokens. No token may contain the separator. */
export function countNgrams(tokens: readonly string[], order: number, separator = " "): NgramCounts {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= tokens.length; start++) {
    const ngram = tokens.slice(start, start + order).join(separator);
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

export const totalOf = (counts: NgramCounts): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

/** Number of n-grams that two texts share, each as often as in the text where it occurs less often. */
export function sharedNgrams(a: NgramCounts, b: NgramCounts): number {
  let shared = 0;
  for (const [ngram, count] of a) shared += Math.min(count, b.get(ngram) ?? 0);
  return shared;
}
