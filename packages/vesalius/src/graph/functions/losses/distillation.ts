import type { Value } from "../../value.ts";
import { logSoftmax, softmax } from "../activations.ts";
import { exp, multiply, subtract } from "../arithmetic.ts";
import { stopGradient } from "../shaping.ts";
import { softCrossEntropy } from "./cross-entropy.ts";
import { sumOf } from "./totals.ts";

/**
 * Divergence of a student from a teacher at a temperature (Hinton et al. 2015): `KL(teacher || student) * temperature^2`,
 * mean over the rows. No gradient reaches the teacher.
 *
 * @param student logits `[rows, classes]`
 * @param teacher logits of the same shape
 * @returns scalar
 */
export function distillationLoss(student: Value, teacher: Value, temperature: number): Value {
  const at = (logits: Value): Value => logSoftmax(multiply(logits, 1 / temperature));
  const target = stopGradient(at(teacher));
  const divergence = sumOf(multiply(exp(target), subtract(target, at(student))));
  return multiply(divergence, temperature ** 2 / student.shape[0]!);
}

/**
 * Cross-entropy of a student's with a teacher's distribution, mean over the rows. No gradient reaches the teacher.
 *
 * @param student logits `[rows, classes]`
 * @param teacher logits of the same shape
 * @returns scalar
 */
export const teacherCrossEntropy = (student: Value, teacher: Value): Value =>
  softCrossEntropy(student, stopGradient(softmax(teacher)));
