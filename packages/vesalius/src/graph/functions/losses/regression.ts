import type { Value } from "../../value.ts";
import { abs, multiply, square, subtract } from "../arithmetic.ts";
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
