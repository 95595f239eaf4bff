import { requireCases, requireClassIndices, requireLength } from "./input-checks.ts";

/** How often each true class was answered with each class. */
export interface ConfusionMatrix {
  readonly classes: number;
  /** `[classes, classes]`: row = true class, column = predicted class. */
  readonly counts: Float64Array;
}

/** What a confusion matrix says about one class against all others. */
export interface ClassCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/**
 * The most probable class of each case; the first of equally probable ones.
 *
 * @param probabilities `[count, classes]`.
 * @returns `[count]` class indices.
 */
export function predictedClasses(probabilities: ArrayLike<number>, classes: number): Int32Array {
  const predicted = new Int32Array(probabilities.length / classes);
  for (let row = 0; row < predicted.length; row++) {
    let best = 0;
    for (let column = 1; column < classes; column++) {
      if (probabilities[row * classes + column]! > probabilities[row * classes + best]!) best = column;
    }
    predicted[row] = best;
  }
  return predicted;
}

/** Counts without checks, for arrays that were checked before; `weights` says how often each case counts. */
export function countConfusion(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  weights?: ArrayLike<number>,
): ConfusionMatrix {
  const counts = new Float64Array(classes * classes);
  for (let row = 0; row < labels.length; row++) {
    counts[labels[row]! * classes + predicted[row]!]! += weights === undefined ? 1 : weights[row]!;
  }
  return { classes, counts };
}

/**
 * Confusion matrix of predicted classes.
 *
 * @param labels `[count]` true class indices.
 * @param predicted `[count]` predicted class indices.
 * @param classes number of classes; one more than the largest index when left out.
 * @throws VesaliusError `bad-data` for no cases or an index out of range, `shape-mismatch` for unequal lengths.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes?: number,
): ConfusionMatrix {
  requireCases(labels.length);
  requireLength(predicted.length, labels.length, "predicted");
  let size = classes ?? 0;
  if (classes === undefined) {
    for (let row = 0; row < labels.length; row++) size = Math.max(size, labels[row]! + 1, predicted[row]! + 1);
  }
  requireClassIndices(labels, size);
  requireClassIndices(predicted, size, "predicted");
  return countConfusion(labels, predicted, size);
}

/** Row sums (true classes), column sums (predicted classes), diagonal and total of a confusion matrix. */
export function margins({ classes, counts }: ConfusionMatrix): {
  readonly trueCounts: Float64Array;
  readonly predictedCounts: Float64Array;
  readonly correct: number;
  readonly total: number;
} {
  const trueCounts = new Float64Array(classes);
  const predictedCounts = new Float64Array(classes);
  let correct = 0;
  let total = 0;
  for (let row = 0; row < classes; row++) {
    correct += counts[row * classes + row]!;
    for (let column = 0; column < classes; column++) {
      const count = counts[row * classes + column]!;
      trueCounts[row]! += count;
      predictedCounts[column]! += count;
      total += count;
    }
  }
  return { trueCounts, predictedCounts, correct, total };
}

/** The four counts of every class, in the order of the class indices. */
export function classCounts(matrix: ConfusionMatrix): ClassCounts[] {
  const { trueCounts, predictedCounts, total } = margins(matrix);
  return Array.from(trueCounts, (support, index) => {
    const truePositives = matrix.counts[index * matrix.classes + index]!;
    const answered = predictedCounts[index]!;
    return {
      truePositives,
      falsePositives: answered - truePositives,
      falseNegatives: support - truePositives,
      trueNegatives: total - support - answered + truePositives,
    };
  });
}

/** Share of cases whose most probable class is the true one, in [0, 1]. */
export function accuracy(matrix: ConfusionMatrix): number {
  const { correct, total } = margins(matrix);
  return correct / total;
}

/**
 * Mean recall over the classes that occur, in [0, 1]; 1 / classes for a model that knows nothing. Brodersen et al. 2010;
 * agrees with scikit-learn's `balanced_accuracy_score`.
 */
export function balancedAccuracy(matrix: ConfusionMatrix): number {
  let sum = 0;
  let present = 0;
  for (const { truePositives, falseNegatives } of classCounts(matrix)) {
    if (truePositives + falseNegatives === 0) continue;
    sum += truePositives / (truePositives + falseNegatives);
    present += 1;
  }
  return sum / present;
}
