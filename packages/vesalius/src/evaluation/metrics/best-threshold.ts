import { matthewsCorrelation } from "./agreement.ts";
import { precisionRecallF1OfClass } from "./precision-recall-f1.ts";
import { countRanking, rankScores, type RankedCounts } from "./ranking.ts";
import { requireBothClasses } from "./roc.ts";

/** What a threshold can be chosen for. */
export const thresholdMetrics = ["matthewsCorrelation", "f1", "balancedAccuracy"] as const;

/** What a threshold is chosen for. */
export type ThresholdMetric = (typeof thresholdMetrics)[number];

const metrics: Readonly<Record<ThresholdMetric, (counts: RankedCounts, tie: number) => number>> = {
  matthewsCorrelation: ({ truePositives, falsePositives, positives, negatives }, tie) => {
    const [hits, alarms] = [truePositives[tie]!, falsePositives[tie]!];
    const counts = Float64Array.of(negatives - alarms, alarms, positives - hits, hits);
    return matthewsCorrelation({ classes: 2, counts });
  },
  f1: ({ truePositives, falsePositives, positives }, tie) =>
    precisionRecallF1OfClass({
      truePositives: truePositives[tie]!,
      falsePositives: falsePositives[tie]!,
      falseNegatives: positives - truePositives[tie]!,
    }).f1,
  balancedAccuracy: ({ truePositives, falsePositives, positives, negatives }, tie) =>
    (truePositives[tie]! / positives + 1 - falsePositives[tie]! / negatives) / 2,
};

/**
 * The threshold at which a metric of a binary task is highest. Choose it on training or validation cases and report the
 * metric on others: on the cases themselves it flatters.
 *
 * @param labels `[count]` 0 or 1.
 * @param scores `[count]` finite, higher means more likely positive.
 * @param metric what to maximise.
 * @param weights `[count]` how often each case counts; once each when left out.
 * @returns a threshold half way to the next lower score; what scores at least as much is called positive. Of equally good
 * ones, the one that calls fewest positive.
 * @throws VesaliusError `bad-data` where only one class occurs, and as `rankScores` does.
 *
 * @example
 * bestThreshold([0, 0, 1, 1], [0.1, 0.3, 0.5, 0.9], "matthewsCorrelation"); // { threshold: 0.4, value: 1 }
 */
export function bestThreshold(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  metric: ThresholdMetric,
  weights?: ArrayLike<number>,
): { readonly threshold: number; readonly value: number } {
  const ranking = rankScores(labels, scores);
  const counts = countRanking(ranking, weights);
  requireBothClasses(counts, "a best threshold");
  let [best, value] = [0, -Infinity];
  for (let tie = 0; tie < ranking.thresholds.length; tie++) {
    const found = metrics[metric](counts, tie);
    if (found > value) [best, value] = [tie, found];
  }
  const score = ranking.thresholds[best]!;
  const middle = (score + (ranking.thresholds[best + 1] ?? score)) / 2;
  // Between neighbouring doubles there is no middle.
  return { threshold: middle > (ranking.thresholds[best + 1] ?? -Infinity) ? middle : score, value };
}
