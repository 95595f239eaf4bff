import { VesaliusError } from "../../common/errors.ts";
import { countRanking, rankScores, type RankedCounts, type WeightedStatistic } from "./ranking.ts";

/** A receiver operating characteristic; point i calls positive everything that scores at least `thresholds[i]`. */
export interface RocCurve {
  /** `[points]` 1 - specificity, rising from 0 to 1. */
  readonly falsePositiveRate: Float64Array;
  /** `[points]` sensitivity, rising from 0 to 1. */
  readonly truePositiveRate: Float64Array;
  /** `[points]` falling; the first is Infinity (nothing is called positive). */
  readonly thresholds: Float64Array;
}

/** Throws where only one of the two classes occurs, for which no ROC exists. */
export function requireBothClasses(counts: RankedCounts, metric: string): void {
  if (counts.positives > 0 && counts.negatives > 0) return;
  const missing = counts.positives > 0 ? "negative" : "positive";
  throw new VesaliusError("bad-data", `${metric} is not defined: there is no ${missing} case`, {
    where: "labels",
    fix: "evaluate on cases of both classes",
  });
}

/** Area under the ROC curve from counts (trapezoids, so a tie counts one half); NaN where a class is absent. */
export function rocAucOfCounts(counts: RankedCounts): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  let area = 0;
  let lastTrue = 0;
  let lastFalse = 0;
  for (let tie = 0; tie < truePositives.length; tie++) {
    area += ((falsePositives[tie]! - lastFalse) * (truePositives[tie]! + lastTrue)) / 2;
    lastTrue = truePositives[tie]!;
    lastFalse = falsePositives[tie]!;
  }
  return area / (positives * negatives);
}

/**
 * Area under the ROC curve of a binary task: the chance that a positive case scores above a negative one (ties one half).
 * Range [0, 1], 0.5 for a model that knows nothing. Hanley and McNeil 1982; agrees with scikit-learn's `roc_auc_score`.
 *
 * @param labels `[count]` 0 or 1.
 * @param scores `[count]` finite, higher means more likely positive.
 * @throws VesaliusError `bad-data` where only one class occurs, and as `rankScores` does.
 *
 * @example
 * rocAuc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // 0.75
 */
export function rocAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  const counts = countRanking(rankScores(labels, scores));
  requireBothClasses(counts, "ROC AUC");
  return rocAucOfCounts(counts);
}

/**
 * ROC AUC prepared for the bootstrap: sorts once, then answers in linear time for any weights of the cases.
 * The statistic is NaN for weights under which a class is absent.
 *
 * @throws VesaliusError as `rankScores` does.
 */
export function rocAucStatistic(labels: ArrayLike<number>, scores: ArrayLike<number>): WeightedStatistic {
  const ranking = rankScores(labels, scores);
  const scratch = countRanking(ranking);
  return (weights) => rocAucOfCounts(countRanking(ranking, weights, scratch));
}

/** ROC curve from counts; `thresholds` are those of the ranking. */
export function rocCurveOfCounts(counts: RankedCounts, thresholds: Float64Array): RocCurve {
  const points = thresholds.length + 1;
  const falsePositiveRate = new Float64Array(points);
  const truePositiveRate = new Float64Array(points);
  const cuts = new Float64Array(points);
  cuts[0] = Infinity;
  for (let tie = 0; tie < thresholds.length; tie++) {
    falsePositiveRate[tie + 1] = counts.falsePositives[tie]! / counts.negatives;
    truePositiveRate[tie + 1] = counts.truePositives[tie]! / counts.positives;
    cuts[tie + 1] = thresholds[tie]!;
  }
  return { falsePositiveRate, truePositiveRate, thresholds: cuts };
}

/**
 * ROC curve with one point per distinct score, from (0, 0) to (1, 1).
 *
 * @throws VesaliusError `bad-data` where only one class occurs, and as `rankScores` does.
 */
export function rocCurve(labels: ArrayLike<number>, scores: ArrayLike<number>): RocCurve {
  const ranking = rankScores(labels, scores);
  const counts = countRanking(ranking);
  requireBothClasses(counts, "the ROC curve");
  return rocCurveOfCounts(counts, ranking.thresholds);
}
