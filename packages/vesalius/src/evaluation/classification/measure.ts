import { VesaliusError } from "../../common/errors.ts";
import { predictedClasses } from "../metrics/confusion.ts";
import { requireClassIndices, requireProbabilities } from "../metrics/input-checks.ts";
import type { ClassScores } from "../metrics/roc-multiclass.ts";

/** What a classifier says of a case. */
export interface ClassificationAnswer {
  /** `[classes]`, softmax over the classes. */
  readonly probabilities: ArrayLike<number>;
  /**
   * Lowest probability at which the positive class is answered, chosen elsewhere (on training groups); otherwise the most
   * probable class is.
   */
  readonly threshold?: number;
}

/** All that is kept of a case. */
export interface ClassificationMeasure {
  /** True class. */
  readonly label: number;
  /** `[classes]`; equal ones where there is no answer. */
  readonly probabilities: ArrayLike<number>;
  /** Class that was answered; the number of classes where there is no answer. */
  readonly predicted: number;
  readonly threshold: number | null;
}

/** What is fixed about the classes. */
export interface ClassRoles {
  readonly classes: readonly string[];
  /** Index of the class that a clinician would call positive. */
  readonly positiveClass: number | undefined;
  /** Whether the order of the classes means something (grades): adds quadratic kappa. */
  readonly ordered: boolean;
}

/**
 * The class that is answered: the positive one at or above its threshold, otherwise the most probable of the others;
 * without a threshold the most probable.
 *
 * @throws VesaliusError `bad-argument` for a threshold without a positive class
 */
export function answeredClass(
  { probabilities, threshold }: ClassificationAnswer,
  positiveClass: number | undefined,
): number {
  if (threshold === undefined) return predictedClasses(probabilities, probabilities.length)[0]!;
  if (positiveClass === undefined || !(threshold >= 0)) {
    throw new VesaliusError("bad-argument", "a threshold needs a positive class and lies at 0 or above", {
      where: "threshold",
      fix: "name the positive class, or leave the threshold out",
    });
  }
  if (probabilities[positiveClass]! >= threshold) return positiveClass;
  const others = Float64Array.from(probabilities, (value, index) => (index === positiveClass ? -1 : value));
  return predictedClasses(others, others.length)[0]!;
}

/**
 * Measures one case.
 *
 * @throws VesaliusError `bad-data` for a label that is no class, probabilities that are none or do not sum to one,
 * `not-a-number`, `shape-mismatch` for another number of classes, `bad-argument` for a threshold without a positive class
 */
export function measureClassification(
  label: number,
  answer: ClassificationAnswer | null,
  { classes, positiveClass }: ClassRoles,
): ClassificationMeasure {
  const count = classes.length;
  requireClassIndices([label], count);
  if (answer === null) {
    return { label, probabilities: new Float64Array(count).fill(1 / count), predicted: count, threshold: null };
  }
  requireProbabilities(answer.probabilities, 1, count);
  return {
    label,
    probabilities: answer.probabilities,
    predicted: answeredClass(answer, positiveClass),
    threshold: answer.threshold ?? null,
  };
}

/** Measures as columns, for the metric functions. */
export function scoresOf(
  measures: readonly ClassificationMeasure[],
  classes: number,
): ClassScores & { readonly labels: Int32Array; readonly predicted: Int32Array } {
  const probabilities = new Float64Array(measures.length * classes);
  for (const [row, measure] of measures.entries()) probabilities.set(measure.probabilities, row * classes);
  return {
    labels: Int32Array.from(measures, ({ label }) => label),
    predicted: Int32Array.from(measures, ({ predicted }) => predicted),
    probabilities,
    classes,
  };
}
