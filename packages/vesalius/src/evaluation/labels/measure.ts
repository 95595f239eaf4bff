import { VesaliusError } from "../../common/errors.ts";
import { requireFinite, requireLength } from "../metrics/input-checks.ts";

/** What a model says of the labels of a case. */
export interface LabelsAnswer {
  /** `[labels]` in [0, 1], independent of each other (sigmoids). */
  readonly probabilities: ArrayLike<number>;
  /** `[labels]` probabilities from which each is answered, chosen elsewhere; 0.5 each when left out. */
  readonly thresholds?: ArrayLike<number>;
}

/** All that is kept of a case. */
export interface LabelsMeasure {
  /** `[labels]` 1 present, 0 absent, -1 not known. */
  readonly labels: ArrayLike<number>;
  /** `[labels]`; null where there is no answer. */
  readonly probabilities: ArrayLike<number> | null;
  readonly thresholds: ArrayLike<number> | null;
}

/** Measures as columns, for the metric functions. */
export interface LabelCases {
  /** `[count, labels]` */
  readonly labels: Int8Array;
  /** `[count, labels]`; one half where there is no answer. */
  readonly scores: Float64Array;
  /** `[labels]` */
  readonly thresholds: Float64Array;
}

/**
 * Measures one case.
 *
 * @throws VesaliusError `bad-data` for labels other than 1, 0 and -1 or values that are no probabilities,
 * `shape-mismatch` for another number of labels, `not-a-number`
 */
export function measureLabels(labels: ArrayLike<number>, answer: LabelsAnswer | null, count: number): LabelsMeasure {
  requireLength(labels.length, count, "labels");
  for (let label = 0; label < count; label++) {
    if (labels[label] === 0 || labels[label] === 1 || labels[label] === -1) continue;
    throw new VesaliusError("bad-data", `${labels[label]} is no label`, {
      where: `labels, label ${label}`,
      fix: "write 1 for present, 0 for absent, and -1 where it is not known",
    });
  }
  if (answer === null) return { labels, probabilities: null, thresholds: null };
  const { probabilities, thresholds = null } = answer;
  requireLength(probabilities.length, count, "probabilities");
  requireFinite(probabilities, "probabilities");
  for (let label = 0; label < count; label++) {
    if (probabilities[label]! >= 0 && probabilities[label]! <= 1) continue;
    throw new VesaliusError("bad-data", `${probabilities[label]} is not a probability`, {
      where: `probabilities, label ${label}`,
      fix: "pass the sigmoid of the logits, not the logits",
    });
  }
  if (thresholds !== null) requireLength(thresholds.length, count, "thresholds");
  return { labels, probabilities, thresholds };
}

/** Measures as columns. */
export function casesOf(measures: readonly LabelsMeasure[], labels: number): LabelCases {
  const cases = {
    labels: new Int8Array(measures.length * labels),
    scores: new Float64Array(measures.length * labels).fill(0.5),
    thresholds: Float64Array.from(
      measures.find(({ thresholds }) => thresholds !== null)?.thresholds ?? new Float64Array(labels).fill(0.5),
    ),
  };
  for (const [row, measure] of measures.entries()) {
    cases.labels.set(measure.labels, row * labels);
    if (measure.probabilities !== null) cases.scores.set(measure.probabilities, row * labels);
  }
  return cases;
}
