import { requireCases, requireClassIndices, requireLength, requireProbabilities } from "./input-checks.ts";
import { requireClassScores, type ClassScores } from "./roc-multiclass.ts";
import { weightedMean } from "./weighted-mean.ts";

/**
 * Brier score of a binary task: the mean squared distance of the probability from the outcome, in [0, 1], lower is
 * better. Brier 1950; agrees with scikit-learn's `brier_score_loss`.
 *
 * @param labels `[count]` 0 or 1.
 * @param probabilities `[count]` probability of the positive class.
 * @throws VesaliusError `bad-data`, `shape-mismatch` or `not-a-number`, naming the row.
 */
export function brierScore(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireBinaryProbabilities(labels, probabilities);
  return weightedMean(
    Float64Array.from({ length: labels.length }, (_, row) => (probabilities[row]! - labels[row]!) ** 2),
  );
}

/** Squared distance of each case's probabilities from the one-hot truth: `[count]`, each in [0, 2]. */
export function brierLosses({ labels, probabilities, classes }: ClassScores): Float64Array {
  return Float64Array.from({ length: labels.length }, (_, row) => {
    let sum = 0;
    for (let column = 0; column < classes; column++) {
      sum += (probabilities[row * classes + column]! - (labels[row] === column ? 1 : 0)) ** 2;
    }
    return sum;
  });
}

/**
 * Multi-class Brier score: the mean squared distance of the probabilities from the one-hot truth, summed over classes,
 * in [0, 2], lower is better (Brier's original definition; twice the binary score where there are two classes).
 *
 * @throws VesaliusError as `requireClassScores` does.
 */
export function brierScoreMulticlass(scores: ClassScores): number {
  requireClassScores(scores);
  return weightedMean(brierLosses(scores));
}

/** Smallest probability that the logarithmic loss reckons with, so that one certain mistake does not make it infinite. */
const smallestProbability = 1e-15;

const clip = (value: number) => Math.min(Math.max(value, smallestProbability), 1 - smallestProbability);

/**
 * Logarithmic loss (cross-entropy) of a binary task in nats, lower is better; probabilities are clipped to
 * [1e-15, 1 - 1e-15]. Agrees with scikit-learn's `log_loss(eps=1e-15)`.
 *
 * @param labels `[count]` 0 or 1.
 * @param probabilities `[count]` probability of the positive class.
 * @throws VesaliusError `bad-data`, `shape-mismatch` or `not-a-number`, naming the row.
 */
export function logLoss(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireBinaryProbabilities(labels, probabilities);
  return weightedMean(
    Float64Array.from({ length: labels.length }, (_, row) => {
      const positive = clip(probabilities[row]!);
      return -Math.log(labels[row] === 1 ? positive : 1 - positive);
    }),
  );
}

/** Negative logarithm of the probability of each case's true class: `[count]`, in nats. */
export function logLosses({ labels, probabilities, classes }: ClassScores): Float64Array {
  return Float64Array.from({ length: labels.length }, (_, row) => {
    let sum = 0;
    for (let column = 0; column < classes; column++) sum += clip(probabilities[row * classes + column]!);
    return -Math.log(clip(probabilities[row * classes + labels[row]!]!) / sum);
  });
}

/**
 * Multi-class logarithmic loss in nats, lower is better; probabilities are clipped to [1e-15, 1 - 1e-15] and every row
 * is divided by its sum, as in scikit-learn's `log_loss(eps=1e-15)`.
 *
 * @throws VesaliusError as `requireClassScores` does.
 */
export function logLossMulticlass(scores: ClassScores): number {
  requireClassScores(scores);
  return weightedMean(logLosses(scores));
}

function requireBinaryProbabilities(labels: ArrayLike<number>, probabilities: ArrayLike<number>): void {
  requireCases(labels.length);
  requireLength(probabilities.length, labels.length, "probabilities");
  requireClassIndices(labels, 2);
  const rows = Float64Array.from({ length: 2 * labels.length }, (_, i) => {
    const positive = probabilities[i >> 1]!;
    return i % 2 === 0 ? 1 - positive : positive;
  });
  requireProbabilities(rows, labels.length, 2);
}
