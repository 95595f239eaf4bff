import type { Measure } from "../result.ts";

/** Median of at least one number. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
};

/**
 * Median and a 95% interval of it by order statistics: a value falls on either side of the true median like a coin, so
 * the interval leaves out so many values at each end as coins show with a chance of at most 2.5%. With fewer than six
 * values it reaches from the smallest to the largest.
 */
export function medianInterval(values: readonly number[]): { value: number; lower: number; upper: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  let [left, chance, cumulative] = [0, 0.5 ** count, 0.5 ** count];
  while (cumulative <= 0.025) {
    left++;
    chance *= (count - left + 1) / left;
    cumulative += chance;
  }
  // `left` values or fewer below the median are unlikely enough up to one less than where the loop ended.
  const skipped = Math.max(0, left - 1);
  return { value: median(values), lower: sorted[skipped]!, upper: sorted[count - 1 - skipped]! };
}

/** Bytes in whole MiB. */
export const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** A measure that is compared with nothing. */
export const plain = (name: string, value: number, unit: string): Measure => ({
  name,
  value,
  unit,
  ratio: null,
  of: null,
});

/** A measure and its ratio to another one of the same unit. */
export const compared = (name: string, value: number, unit: string, other: Measure): Measure => ({
  name,
  value,
  unit,
  ratio: value / other.value,
  of: other.name,
});

/** Largest resident memory of this process so far, in bytes. */
export const peakMemory = (): number => process.resourceUsage().maxRSS * 1024;
