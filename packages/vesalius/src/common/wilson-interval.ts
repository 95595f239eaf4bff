/**
 * Wilson's score interval of a share, which stays within [0, 1] and is honest for few cases (Wilson 1927).
 *
 * @param share observed share in [0, 1].
 * @param count number of cases, above 0.
 * @param z quantile of the normal distribution; 1.96 for 95%.
 */
export function wilsonInterval(share: number, count: number, z = 1.959964): { lower: number; upper: number } {
  const centre = (share + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half = (z / (1 + (z * z) / count)) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}
