import { divide, emit, greater, reduceSumSquare, sqrt, type Value, where } from "../../graph/index.ts";

/** Euclidean norm of all elements, shape `[]`. */
export const euclideanNorm = (x: Value): Value => sqrt(reduceSumSquare(x, undefined, { keepDimensions: false }));

/**
 * `ratio` where both norms are positive, 1 elsewhere: layer-wise optimizers leave the rate alone for tensors that are
 * zero or get no gradient.
 */
export function whereBothPositive(weightNorm: Value, updateNorm: Value, ratio: Value): Value {
  const zero = ratio.graph.scalar(0);
  const both = emit("And", [greater(weightNorm, zero), greater(updateNorm, zero)]);
  return where(both, ratio, ratio.graph.scalar(1));
}

/** `weightNorm / updateNorm`, or 1 where either is zero. */
export const trustRatio = (weightNorm: Value, updateNorm: Value): Value =>
  whereBothPositive(weightNorm, updateNorm, divide(weightNorm, updateNorm));
