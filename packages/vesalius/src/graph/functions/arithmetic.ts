import { emit } from "../emit.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Value } from "../value.ts";

const asOperand = (like: Value, operand: Value | number): Value =>
  typeof operand === "number" ? like.graph.scalar(operand, like.dtype) : operand;

/** Element-wise sum with broadcasting; a number stands for a scalar of the same element type. */
export const add = (a: Value, b: Value | number): Value => emit("Add", [a, asOperand(a, b)]);
/** Element-wise difference `a - b` with broadcasting. */
export const subtract = (a: Value, b: Value | number): Value => emit("Sub", [a, asOperand(a, b)]);
/** Element-wise product with broadcasting. */
export const multiply = (a: Value, b: Value | number): Value => emit("Mul", [a, asOperand(a, b)]);
/** Element-wise quotient `a / b` with broadcasting. */
export const divide = (a: Value, b: Value | number): Value => emit("Div", [a, asOperand(a, b)]);
/** Element-wise power `a ** b` with broadcasting. */
export const power = (a: Value, b: Value | number): Value => emit("Pow", [a, asOperand(a, b)]);
/** Element-wise maximum with broadcasting; ties give the gradient to the first operand. */
export const maximum = (a: Value, b: Value | number): Value => emit("Max", [a, asOperand(a, b)]);
/** Element-wise minimum with broadcasting; ties give the gradient to the first operand. */
export const minimum = (a: Value, b: Value | number): Value => emit("Min", [a, asOperand(a, b)]);
/** Element-wise negation. */
export const negate = (x: Value): Value => emit("Neg", [x]);
/** Element-wise exponential. */
export const exp = (x: Value): Value => emit("Exp", [x]);
/** Element-wise natural logarithm. */
export const log = (x: Value): Value => emit("Log", [x]);
/** Element-wise square root. */
export const sqrt = (x: Value): Value => emit("Sqrt", [x]);
/** Element-wise `1 / x`. */
export const reciprocal = (x: Value): Value => emit("Reciprocal", [x]);
/** Element-wise absolute value; the gradient at 0 is 0. */
export const abs = (x: Value): Value => emit("Abs", [x]);
/** Element-wise sign: -1, 0 or 1; not differentiable. */
export const sign = (x: Value): Value => emit("Sign", [x]);
/** Element-wise error function. */
export const erf = (x: Value): Value => emit("Erf", [x]);
/** Element-wise sine of radians. */
export const sin = (x: Value): Value => emit("Sin", [x]);
/** Element-wise cosine of radians. */
export const cos = (x: Value): Value => emit("Cos", [x]);

/**
 * Element-wise limits; a missing bound does not limit. Elements on a bound keep their gradient, as in PyTorch.
 */
export const clip = (x: Value, low?: number, high?: number): Value =>
  emit("Clip", [
    x,
    low === undefined ? undefined : x.graph.scalar(low, x.dtype),
    high === undefined ? undefined : x.graph.scalar(high, x.dtype),
  ]);

/** Element-wise `x * x`. */
export const square = (x: Value): Value => multiply(x, x);

/** Sum of any number of tensors of one shape, as one node; a single tensor is returned as it is. */
export function sum(values: readonly Value[]): Value {
  if (values.length === 1) return values[0]!;
  // ONNX Runtime adds large tensors faster two at a time, where it uses all threads.
  if (elementCount(values[0]!.shape) > 4096) return values.reduce(add);
  return values.length === 2 ? add(values[0]!, values[1]!) : emit("Sum", values);
}
