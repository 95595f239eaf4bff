import { VesaliusError } from "../../common/errors.ts";

/** Throws `shape-mismatch` unless a column has the expected number of rows. */
export function requireLength(actual: number, expected: number, what: string): void {
  if (actual !== expected) {
    throw new VesaliusError("shape-mismatch", `${what} has ${actual} entries where ${expected} are needed`, {
      where: what,
      fix: "pass one entry per case (per case and class for probabilities), in the same order everywhere",
    });
  }
}

/** Throws `bad-data` where there is nothing to evaluate. */
export function requireCases(count: number): void {
  if (count === 0) {
    throw new VesaliusError("bad-data", "there are no cases to evaluate", {
      where: "labels",
      fix: "check that the split is not empty",
    });
  }
}

/** Throws `bad-data` unless every label is a whole number in [0, classes). */
export function requireClassIndices(labels: ArrayLike<number>, classes: number, what = "labels"): void {
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new VesaliusError("bad-data", `${label} is not a class index from 0 to ${classes - 1}`, {
        where: `${what}, row ${row}`,
        fix: "leave out unlabelled and padding rows (label -1), and check the order of the class names",
      });
    }
  }
}

/** Throws `not-a-number` where a score is NaN or infinite. */
export function requireFinite(scores: ArrayLike<number>, what = "scores"): void {
  for (let row = 0; row < scores.length; row++) {
    if (!Number.isFinite(scores[row]!)) {
      throw new VesaliusError("not-a-number", `the score is ${scores[row]}`, {
        where: `${what}, entry ${row}`,
        fix: "a model that has diverged gives such scores; look at the training loss, or evaluate an earlier checkpoint",
      });
    }
  }
}

/**
 * How far the probabilities of one case may sum from one. Softmax in float32 stays within 1e-6; half precision and
 * int8 outputs stray further.
 */
export const probabilitySumTolerance = 1e-3;

/**
 * Checks a block of class probabilities `[count, classes]`.
 *
 * @throws VesaliusError `shape-mismatch` for a wrong length, `not-a-number` for NaN or infinity, `bad-data` for a value
 * outside [0, 1] or a row that does not sum to one within `probabilitySumTolerance`.
 */
export function requireProbabilities(probabilities: ArrayLike<number>, count: number, classes: number): void {
  requireLength(probabilities.length, count * classes, "probabilities");
  requireFinite(probabilities, "probabilities");
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let column = 0; column < classes; column++) {
      const value = probabilities[row * classes + column]!;
      if (value < 0 || value > 1 + probabilitySumTolerance) {
        throw new VesaliusError("bad-data", `${value} is not a probability`, {
          where: `probabilities, row ${row}, class ${column}`,
          fix: "pass the softmax of the logits, not the logits",
        });
      }
      sum += value;
    }
    if (Math.abs(sum - 1) > probabilitySumTolerance) {
      throw new VesaliusError("bad-data", `the probabilities of a case sum to ${sum.toPrecision(6)}`, {
        where: `probabilities, row ${row}`,
        fix: "pass the softmax over the classes; independent sigmoids belong to a multi-label task",
      });
    }
  }
}
