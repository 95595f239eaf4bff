import type { Value } from "../../value.ts";
import { abs, add, exp, maximum, multiply, negate, square, subtract } from "../arithmetic.ts";
import { less, where } from "../comparison.ts";
import { meanOf } from "./totals.ts";

/** Mean squared error over all elements. Returns a scalar. */
export const meanSquaredError = (prediction: Value, target: Value): Value =>
  meanOf(square(subtract(prediction, target)));

/** Mean absolute error over all elements. Returns a scalar. */
export const meanAbsoluteError = (prediction: Value, target: Value): Value => meanOf(abs(subtract(prediction, target)));

/**
 * Mean squared error near the target and absolute error away from it, as `torch.nn.SmoothL1Loss`:
 * `e^2 / (2 beta)` for `|e| < beta`, else `|e| - beta / 2`.
 *
 * @param beta positive
 * @returns scalar
 */
export function smoothL1(prediction: Value, target: Value, beta = 1): Value {
  const distance = abs(subtract(prediction, target));
  const near = multiply(square(distance), 0.5 / beta);
  return meanOf(where(less(distance, distance.graph.scalar(beta)), near, subtract(distance, beta / 2)));
}

/** Least logarithm of a variance: that of the epsilon of PyTorch. */
const leastLogVariance = Math.log(1e-6);

/**
 * Negative log-likelihood of targets under normal distributions (Nix and Weigend 1994), as `torch.nn.GaussianNLLLoss`
 * without the constant: `(log v + e^2 / v) / 2` for an error `e` and a variance `v`, mean over all elements.
 *
 * @param mean any shape
 * @param logVariance logarithm of the variance, same shape; below that of 1e-6 it counts as 1e-6
 * @returns scalar
 */
export function gaussianNegativeLogLikelihood(mean: Value, logVariance: Value, target: Value): Value {
  const logarithm = maximum(logVariance, leastLogVariance);
  const scaled = multiply(square(subtract(mean, target)), exp(negate(logarithm)));
  return multiply(meanOf(add(logarithm, scaled)), 0.5);
}
