import { int, string } from "../attributes.ts";
import { emit } from "../emit.ts";
import type { Value } from "../value.ts";
import { multiply } from "./arithmetic.ts";

/** Rectified linear unit, `max(x, 0)`. */
export const relu = (x: Value): Value => emit("Relu", [x]);
/** Logistic function, `1 / (1 + exp(-x))`. */
export const sigmoid = (x: Value): Value => emit("Sigmoid", [x]);
/** Hyperbolic tangent. */
export const tanh = (x: Value): Value => emit("Tanh", [x]);
/** `log(1 + exp(x))`. */
export const softplus = (x: Value): Value => emit("Softplus", [x]);
/** Sigmoid-weighted linear unit, `x * sigmoid(x)` (Elfwing et al. 2017), also called swish. */
export const silu = (x: Value): Value => multiply(x, sigmoid(x));

/**
 * Gaussian error linear unit (Hendrycks and Gimpel 2016), `x * Phi(x)`: exact with the error function, or with the
 * tanh approximation that GPT-2 uses.
 */
export const gelu = (x: Value, approximate: "none" | "tanh" = "none"): Value =>
  emit("Gelu", [x], { approximate: string(approximate) });

/** Softmax over one axis (the last by default). */
export const softmax = (x: Value, axis = -1): Value => emit("Softmax", [x], { axis: int(axis) });
/** Logarithm of the softmax over one axis (the last by default), computed without overflow. */
export const logSoftmax = (x: Value, axis = -1): Value => emit("LogSoftmax", [x], { axis: int(axis) });
