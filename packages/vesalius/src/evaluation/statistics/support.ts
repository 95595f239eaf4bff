import type { Basis } from "../evaluation.ts";

/** How much a metric rests on. */
export interface Support {
  /** What is independent of each other: cases, or groups such as patients. */
  readonly unit: "case" | "group";
  /** Size of each set of cases that it rests on. */
  readonly sizes: readonly number[];
  /** Whether the metric is a mean with one term for each set. */
  readonly mean: boolean;
}

/**
 * Counts the cases that a metric rests on or, where groups are given, the groups with at least one of them.
 *
 * @param basis undefined for a metric that rests on all cases
 * @param count of all cases
 */
export function supportOf(basis: Basis | undefined, count: number, groups: readonly string[] | undefined): Support {
  const unit = groups === undefined ? "case" : "group";
  if (basis === undefined) {
    return { unit, sizes: [groups === undefined ? count : new Set(groups).size], mean: false };
  }
  const sizes = basis.sets.map((set) => {
    const units = new Set<string | number>();
    for (let row = 0; row < count; row++) if (set[row]) units.add(groups === undefined ? row : groups[row]!);
    return units.size;
  });
  return { unit, sizes, mean: basis.mean ?? false };
}

/** Size of the smallest set. */
export const smallestSize = ({ sizes }: Support): number => Math.min(...sizes);

/**
 * How many independent cases would leave as much uncertainty: the smallest set where all of them are needed; for a mean
 * over k sets k^2 / sum(1 / size), since variances of its terms add up and each counts 1 / k^2.
 */
export function effectiveSize(support: Support): number {
  const { sizes, mean } = support;
  if (!mean) return smallestSize(support);
  return sizes.length ** 2 / sizes.reduce((sum, size) => sum + 1 / size, 0);
}
