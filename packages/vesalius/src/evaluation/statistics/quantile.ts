/**
 * Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, numpy's default).
 *
 * @param sorted rising values.
 * @param share in [0, 1]: 0.5 is the median.
 * @returns NaN for no values.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return NaN;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const lower = sorted[below]!;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return lower + (position - below) * (upper - lower);
}
