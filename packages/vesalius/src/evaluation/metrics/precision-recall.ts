import { macroOverFindings, type MultilabelScores } from "./roc-multiclass.ts";
import { countRanking, rankScores, type RankedCounts } from "./ranking.ts";

/** A precision-recall curve; point i calls positive everything that scores at least `thresholds[i]`. */
export interface PrecisionRecallCurve {
  /** `[points]` rising from 0 to 1. */
  readonly recall: Float64Array;
  /** `[points]` share of true positives among what is called positive; 1 by convention where nothing is. */
  readonly precision: Float64Array;
  /** `[points]` falling; the first is Infinity. */
  readonly thresholds: Float64Array;
}

/** Average precision from counts: the step sum of precision over gains in recall; 0 where there is no positive case. */
export function averagePrecisionOfCounts(counts: RankedCounts): number {
  const { truePositives, falsePositives, positives } = counts;
  let sum = 0;
  let lastTrue = 0;
  for (let tie = 0; tie < truePositives.length; tie++) {
    const gained = truePositives[tie]! - lastTrue;
    if (gained > 0) sum += (gained * truePositives[tie]!) / (truePositives[tie]! + falsePositives[tie]!);
    lastTrue = truePositives[tie]!;
  }
  return positives === 0 ? 0 : sum / positives;
}

/**
 * Average precision of a binary task, the area under the precision-recall curve without interpolation. Range [0, 1];
 * a model that knows nothing scores the share of positives. Agrees with scikit-learn's `average_precision_score`
 * (0 where there is no positive case).
 *
 * @param labels `[count]` 0 or 1.
 * @param scores `[count]` finite, higher means more likely positive.
 * @throws VesaliusError as `rankScores` does.
 */
export function averagePrecision(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  return averagePrecisionOfCounts(countRanking(rankScores(labels, scores)));
}

/**
 * Mean average precision over the findings of a multi-label task.
 *
 * @throws VesaliusError as `rankScores` does.
 */
export function averagePrecisionMultilabel(input: MultilabelScores): number {
  return macroOverFindings(input, averagePrecision);
}

/** Precision-recall curve from counts; `thresholds` are those of the ranking. */
export function precisionRecallCurveOfCounts(counts: RankedCounts, thresholds: Float64Array): PrecisionRecallCurve {
  const points = thresholds.length + 1;
  const recall = new Float64Array(points);
  const precision = new Float64Array(points);
  const cuts = new Float64Array(points);
  precision[0] = 1;
  cuts[0] = Infinity;
  for (let tie = 0; tie < thresholds.length; tie++) {
    const hits = counts.truePositives[tie]!;
    // Without a positive case, recall is 1 at every threshold: nothing is missed (scikit-learn's convention).
    recall[tie + 1] = counts.positives === 0 ? 1 : hits / counts.positives;
    precision[tie + 1] = hits / (hits + counts.falsePositives[tie]!);
    cuts[tie + 1] = thresholds[tie]!;
  }
  return { recall, precision, thresholds: cuts };
}

/**
 * Precision-recall curve with one point per distinct score, from recall 0 upwards.
 *
 * @throws VesaliusError as `rankScores` does.
 */
export function precisionRecallCurve(labels: ArrayLike<number>, scores: ArrayLike<number>): PrecisionRecallCurve {
  const ranking = rankScores(labels, scores);
  return precisionRecallCurveOfCounts(countRanking(ranking), ranking.thresholds);
}
