import { margins, type ConfusionMatrix } from "./confusion.ts";

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/**
 * Matthews correlation coefficient of a binary or multi-class confusion matrix, in [-1, 1]; 0 for a model that knows
 * nothing or always answers the same. Gorodkin 2004; agrees with scikit-learn's `matthews_corrcoef`.
 */
export function matthewsCorrelation(matrix: ConfusionMatrix): number {
  const { trueCounts, predictedCounts, correct, total } = margins(matrix);
  const covariance = correct * total - dot(trueCounts, predictedCounts);
  const spread =
    (total * total - dot(predictedCounts, predictedCounts)) * (total * total - dot(trueCounts, trueCounts));
  return spread === 0 ? 0 : covariance / Math.sqrt(spread);
}

/** How much a disagreement costs: all the same, by the distance of the class indices, or by its square. */
export type KappaWeighting = "none" | "linear" | "quadratic";

/**
 * Cohen's kappa: agreement beyond chance, in [-1, 1]. With linear or quadratic weighting the order of the classes
 * counts, as for grades of a disease. NaN where only one class occurs and is answered. Cohen 1960 and 1968; agrees with
 * scikit-learn's `cohen_kappa_score`.
 */
export function cohenKappa(matrix: ConfusionMatrix, weighting: KappaWeighting = "none"): number {
  const { trueCounts, predictedCounts, total } = margins(matrix);
  const { classes, counts } = matrix;
  let observed = 0;
  let expected = 0;
  for (let row = 0; row < classes; row++) {
    for (let column = 0; column < classes; column++) {
      const distance = Math.abs(row - column);
      const cost = weighting === "none" ? Math.min(distance, 1) : weighting === "linear" ? distance : distance ** 2;
      observed += cost * counts[row * classes + column]!;
      expected += (cost * trueCounts[row]! * predictedCounts[column]!) / total;
    }
  }
  return 1 - observed / expected;
}
