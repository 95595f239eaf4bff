/** Mean of one value per case; `weights` says how often each case counts. */
export function weightedMean(values: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < values.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    sum += weight * values[row]!;
    total += weight;
  }
  return sum / total;
}

/**
 * The same over the cases that define the metric: values that are not a number are left out; NaN where none is left.
 * How many were left out belongs beside such a mean.
 */
export function weightedMeanDefined(values: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < values.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    // A weight of 0 must also silence an infinite value.
    if (weight === 0 || Number.isNaN(values[row]!)) continue;
    sum += weight * values[row]!;
    total += weight;
  }
  return sum / total;
}
