import type { Measure } from "../result.ts";

/** Median of at least one number. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
};

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
