import { VesaliusError } from "../../common/errors.ts";
import { countRanking, rankScores, type RankedCounts } from "./ranking.ts";
import { requireBothClasses } from "./roc.ts";

/** A threshold on the score and what it achieves. */
export interface OperatingPoint {
  readonly sensitivity: number;
  readonly specificity: number;
  /** Lowest score that is called positive; Infinity where nothing can be. */
  readonly threshold: number;
}

/** Position of the operating point among the thresholds of the ranking, -1 where nothing can be called positive. */
function lastTieAtSpecificity(counts: RankedCounts, specificity: number): number {
  // The small slack keeps 1 - 1/10 from missing 0.9 by one rounding.
  const allowed = (1 - specificity) * counts.negatives * (1 + 1e-12) + 1e-12;
  let last = -1;
  for (let tie = 0; tie < counts.falsePositives.length && counts.falsePositives[tie]! <= allowed; tie++) last = tie;
  return last;
}

/** Highest sensitivity at a specificity of at least the given one, from counts; NaN where a class is absent. */
export function sensitivityAtSpecificityOfCounts(counts: RankedCounts, specificity: number): number {
  if (counts.positives === 0 || counts.negatives === 0) return NaN;
  const tie = lastTieAtSpecificity(counts, specificity);
  return tie < 0 ? 0 : counts.truePositives[tie]! / counts.positives;
}

/**
 * The operating point with the highest sensitivity among those of at least the given specificity.
 *
 * The threshold is chosen on the cases it is judged on, so the figure describes the ranking of the model; to report a
 * deployed threshold, choose it on the validation split.
 *
 * @param labels `[count]` 0 or 1.
 * @param scores `[count]` finite, higher means more likely positive.
 * @param specificity lowest specificity allowed, in [0, 1].
 * @throws VesaliusError `bad-argument` for a specificity outside [0, 1], `bad-data` where only one class occurs, and as
 * `rankScores` does.
 */
export function sensitivityAtSpecificity(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  specificity = 0.9,
): OperatingPoint {
  if (!(specificity >= 0 && specificity <= 1)) {
    throw new VesaliusError("bad-argument", `a specificity lies between 0 and 1, not at ${specificity}`, {
      where: "specificity",
      fix: "write 90% as 0.9",
    });
  }
  const ranking = rankScores(labels, scores);
  const counts = countRanking(ranking);
  requireBothClasses(counts, "sensitivity at a given specificity");
  const tie = lastTieAtSpecificity(counts, specificity);
  if (tie < 0) return { sensitivity: 0, specificity: 1, threshold: Infinity };
  return {
    sensitivity: counts.truePositives[tie]! / counts.positives,
    specificity: 1 - counts.falsePositives[tie]! / counts.negatives,
    threshold: ranking.thresholds[tie]!,
  };
}
