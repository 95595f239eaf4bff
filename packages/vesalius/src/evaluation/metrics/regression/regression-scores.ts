import { allRows } from "../ranking.ts";
import { requirePredictedNumbers, type PredictedNumbers } from "./predicted-numbers.ts";

/** How far predicted numbers are from the true ones. */
export interface RegressionScores {
  /** In the unit of the numbers, 0 or more. */
  readonly meanAbsoluteError: number;
  /** In the square of the unit. */
  readonly meanSquaredError: number;
  /** In the unit. */
  readonly rootMeanSquaredError: number;
  /** In the unit; hardly moved by a few gross errors. */
  readonly medianAbsoluteError: number;
  /**
   * Coefficient of determination: 1 - squared error / squared deviation of the truth from its mean; 1 at best, 0 for
   * always saying the mean, below for worse. NaN for fewer than two cases; where all true values are equal, 1 if they are
   * met and 0 otherwise (scikit-learn's convention).
   */
  readonly r2: number;
  /** The same after taking the mean error away, so that a constant shift does not count. */
  readonly explainedVariance: number;
}

/** Median of values that each count `weights` times, from their order; the mean of the two middle ones of an even number. */
function medianInOrder(values: Float64Array, order: Int32Array, weights: ArrayLike<number> | undefined, total: number) {
  const [lower, upper] = [Math.floor((total - 1) / 2), Math.ceil((total - 1) / 2)];
  let passed = 0;
  let low: number | undefined;
  for (const row of order) {
    passed += weights === undefined ? 1 : weights[row]!;
    if (low === undefined && passed > lower) low = values[row]!;
    if (low !== undefined && passed > upper) return (low + values[row]!) / 2;
  }
  return NaN;
}

/**
 * Errors of predicted numbers prepared for the bootstrap. Agrees with scikit-learn's `r2_score`, `mean_absolute_error`,
 * `mean_squared_error`, `explained_variance_score` and `median_absolute_error`.
 *
 * @returns the scores for given weights of the cases (how often each counts, whole numbers; once each when left out).
 * @throws VesaliusError `bad-data` for no cases, `shape-mismatch`, `not-a-number`.
 *
 * @example
 * regressionStatistic({ truth: [1, 2, 3], predicted: [1, 2, 4] })().meanAbsoluteError; // 1/3
 */
export function regressionStatistic(data: PredictedNumbers): (weights?: ArrayLike<number>) => RegressionScores {
  requirePredictedNumbers(data);
  const { truth } = data;
  const errors = Float64Array.from(data.predicted, (value, row) => value - truth[row]!);
  const sizes = errors.map(Math.abs);
  const order = allRows(truth.length).sort((a, b) => sizes[a]! - sizes[b]!);
  return (weights) => {
    let [total, absolute, squared, sum, trueSum] = [0, 0, 0, 0, 0];
    let [least, greatest] = [Infinity, -Infinity];
    for (let row = 0; row < errors.length; row++) {
      const weight = weights === undefined ? 1 : weights[row]!;
      if (weight === 0) continue;
      total += weight;
      absolute += weight * sizes[row]!;
      squared += weight * errors[row]! ** 2;
      sum += weight * errors[row]!;
      trueSum += weight * truth[row]!;
      least = Math.min(least, truth[row]!);
      greatest = Math.max(greatest, truth[row]!);
    }
    // Second pass: a sum of squares minus a squared sum would lose the digits of numbers far from 0.
    let [spread, errorSpread] = [0, 0];
    for (let row = 0; row < errors.length; row++) {
      const weight = weights === undefined ? 1 : weights[row]!;
      spread += weight * (truth[row]! - trueSum / total) ** 2;
      errorSpread += weight * (errors[row]! - sum / total) ** 2;
    }
    const explained = (unexplained: number): number => {
      if (total < 2) return NaN;
      if (least === greatest) return unexplained === 0 ? 1 : 0;
      return 1 - unexplained / spread;
    };
    return {
      meanAbsoluteError: absolute / total,
      meanSquaredError: squared / total,
      rootMeanSquaredError: Math.sqrt(squared / total),
      medianAbsoluteError: medianInOrder(sizes, order, weights, total),
      r2: explained(squared),
      explainedVariance: explained(errorSpread),
    };
  };
}
