import {
  abs,
  add,
  divide,
  exp,
  greater,
  less,
  log,
  maximum,
  minimum,
  multiply,
  reduceMax,
  reduceSum,
  subtract,
  where,
} from "../../functions/index.ts";
import { numberAttribute } from "../../operators/definition.ts";
import { isFloatingPoint } from "../../../common/tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

/** LogSoftmax, which has no kernel and stands in every cross-entropy. */
export const logSoftmax: NodeRewriter = ({ attributes }, inputs) => {
  const x = inputs[0]!;
  const axes = [numberAttribute(attributes, "axis", -1)];
  // The largest element is taken off first, so that no exponential overflows.
  const shifted = subtract(x, reduceMax(x, axes));
  return [subtract(shifted, log(reduceSum(exp(shifted), axes)))];
};

/** Softsign, which has no kernel. */
export const softsign: NodeRewriter = (_, inputs) => [divide(inputs[0]!, add(abs(inputs[0]!), 1))];

/** max(0, x) + min(0, scale * (exp(x / rate) - 1)), which the exponential linear units without a kernel share. */
const exponentialUnit = (x: Value, scale: number, rate: number): Value => {
  const below = minimum(x, 0);
  return add(maximum(x, 0), multiply(subtract(exp(rate === 1 ? below : divide(below, rate)), 1), scale));
};

/** Celu, which has no kernel. */
export const celu: NodeRewriter = ({ attributes }, inputs) => {
  const alpha = numberAttribute(attributes, "alpha", 1);
  return [exponentialUnit(inputs[0]!, alpha, alpha)];
};

/** Selu, which has no kernel. */
export const selu: NodeRewriter = ({ attributes }, inputs) => {
  const alpha = numberAttribute(attributes, "alpha", 1.67326319217681884765625);
  const gamma = numberAttribute(attributes, "gamma", 1.05070102214813232421875);
  return [multiply(exponentialUnit(inputs[0]!, alpha, 1), gamma)];
};

/** Sign, which has no kernel and stands in the gradients of absolute values. */
export const sign: NodeRewriter = (_, inputs) => {
  const x = inputs[0]!;
  if (!isFloatingPoint(x.dtype)) return undefined;
  const constant = (value: number): Value => x.graph.scalar(value, x.dtype);
  // Zero and what is no number stay as they are.
  return [where(greater(x, constant(0)), constant(1), where(less(x, constant(0)), constant(-1), x))];
};
