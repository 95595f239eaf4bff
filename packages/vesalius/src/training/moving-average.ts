import { add, multiply, subtract, type Value } from "../graph/index.ts";

/**
 * One step of an exponential moving average, as in timm's `ModelEmaV2`: `decay * average + (1 - decay) * next`.
 *
 * @param average same shape as `next`
 * @param decay scalar in [0, 1), shape `[]`
 */
export const movingAverage = (average: Value, next: Value, decay: Value): Value =>
  add(multiply(average, decay), multiply(next, subtract(next.graph.scalar(1), decay)));
