import { add, multiply, square, type Value } from "../../graph/index.ts";

/** Decay of the first and the second moment of Adam and its kin. */
export type Betas = readonly [number, number];

/** Names of the two state tensors. */
export const momentSlots = ["firstMoment", "secondMoment"] as const;

/**
 * Moving moments of the gradient, kept without their factors (1 - beta), which saves two passes over memory for each
 * parameter: `first = m / (1 - beta1)`, `second = v / (1 - beta2)`. `momentScalars` puts the factors back.
 */
export function updateMoments(
  gradient: Value,
  slots: readonly Value[],
  [beta1, beta2]: Betas,
): { first: Value; second: Value } {
  return {
    first: add(multiply(slots[0]!, beta1), gradient),
    second: add(multiply(slots[1]!, beta2), square(gradient)),
  };
}

/**
 * Numbers with which `m / (sqrt(v) + epsilon) = scale * first / (sqrt(second) + epsilon')`.
 *
 * @param step from 1; with bias correction the moments are divided by `1 - beta^step`
 */
export function momentScalars(
  [beta1, beta2]: Betas,
  epsilon: number,
  step: number,
  biasCorrection: boolean,
): { scale: number; epsilon: number } {
  const root = Math.sqrt((1 - beta2) / (biasCorrection ? 1 - beta2 ** step : 1));
  return { scale: (1 - beta1) / (biasCorrection ? 1 - beta1 ** step : 1) / root, epsilon: epsilon / root };
}
