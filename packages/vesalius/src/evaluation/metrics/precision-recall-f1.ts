import { classCounts, type ClassCounts, type ConfusionMatrix } from "./confusion.ts";

/** Precision (positive predictive value), recall (sensitivity) and their harmonic mean, each in [0, 1]. */
export interface PrecisionRecallF1 {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** A ratio that is 0 where nothing can be counted (scikit-learn's `zero_division=0`). */
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Precision, recall and F1 of one class against the rest: the binary figures. Undefined ratios are 0. */
export function precisionRecallF1OfClass(counts: Omit<ClassCounts, "trueNegatives">): PrecisionRecallF1 {
  const { truePositives, falsePositives, falseNegatives } = counts;
  return {
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}

/** Share of the cases of all other classes that are not called this class, in [0, 1]; 0 where there are none. */
export function specificityOfClass({ trueNegatives, falsePositives }: ClassCounts): number {
  return ratio(trueNegatives, trueNegatives + falsePositives);
}

/**
 * Precision, recall and F1 over all classes: the plain mean (macro), the mean weighted by how often a class occurs
 * (weighted), or from the summed counts (micro; equals accuracy where each case has one class). Classes that neither
 * occur nor are answered are left out, as in scikit-learn's `precision_recall_fscore_support(zero_division=0)`.
 */
export function precisionRecallF1(
  matrix: ConfusionMatrix,
  average: "macro" | "micro" | "weighted" = "macro",
): PrecisionRecallF1 {
  const seen = classCounts(matrix).filter((one) => one.truePositives + one.falsePositives + one.falseNegatives > 0);
  if (average === "micro") {
    const sum = (key: keyof ClassCounts) => seen.reduce((total, one) => total + one[key], 0);
    return precisionRecallF1OfClass({
      truePositives: sum("truePositives"),
      falsePositives: sum("falsePositives"),
      falseNegatives: sum("falseNegatives"),
    });
  }
  let total = 0;
  const mean = { precision: 0, recall: 0, f1: 0 };
  for (const one of seen) {
    const weight = average === "macro" ? 1 : one.truePositives + one.falseNegatives;
    const figures = precisionRecallF1OfClass(one);
    mean.precision += weight * figures.precision;
    mean.recall += weight * figures.recall;
    mean.f1 += weight * figures.f1;
    total += weight;
  }
  return { precision: mean.precision / total, recall: mean.recall / total, f1: mean.f1 / total };
}
