import { float, int, string } from "../attributes.ts";
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

/** `x` where it is positive and `slope * x` elsewhere (Maas et al. 2013). */
export const leakyRelu = (x: Value, slope = 0.01): Value => emit("LeakyRelu", [x], { alpha: float(slope) });

/**
 * Rectified linear unit with a learned slope for negative numbers (He et al. 2015).
 *
 * @param slope broadcast to the shape of `x`: `[1]` for one slope, `[channels, 1, 1]` for one in each channel
 */
export const parametricRelu = (x: Value, slope: Value): Value => emit("PRelu", [x, slope]);

/**
 * Gaussian error linear unit (Hendrycks and Gimpel 2016), `x * Phi(x)`: exact with the error function, or with the
 * tanh approximation that GPT-2 uses.
 */
export const gelu = (x: Value, approximate: "none" | "tanh" = "none"): Value =>
  emit("Gelu", [x], { approximate: string(approximate) });

/** Gaussian error linear unit by a sigmoid, `x * sigmoid(1.702 x)`, as CLIP uses it. */
export const quickGelu = (x: Value): Value => multiply(x, sigmoid(multiply(x, 1.702)));

/** Exponential linear unit (Clevert et al. 2015): `x` for x > 0, else `alpha (exp(x) - 1)`. */
export const elu = (x: Value, alpha = 1): Value => emit("Elu", [x], { alpha: float(alpha) });
/** Exponential linear unit that is smooth for every alpha (Barron 2017): `alpha (exp(x / alpha) - 1)` for x < 0. */
export const celu = (x: Value, alpha = 1): Value => emit("Celu", [x], { alpha: float(alpha) });
/** Self-normalizing exponential linear unit (Klambauer et al. 2017). */
export const selu = (x: Value): Value => emit("Selu", [x]);
/** `x / (1 + |x|)`. */
export const softsign = (x: Value): Value => emit("Softsign", [x]);
/** `x * tanh(log(1 + exp(x)))` (Misra 2019). */
export const mish = (x: Value): Value => emit("Mish", [x]);
/** `max(0, min(1, slope * x + offset))`; the defaults are those of PyTorch and MobileNetV3. */
export const hardSigmoid = (x: Value, slope = 1 / 6, offset = 0.5): Value =>
  emit("HardSigmoid", [x], { alpha: float(slope), beta: float(offset) });
/** `x * hardSigmoid(x)` (Howard et al. 2019). */
export const hardSwish = (x: Value): Value => emit("HardSwish", [x]);

/** Softmax over one axis (the last by default). */
export const softmax = (x: Value, axis = -1): Value => emit("Softmax", [x], { axis: int(axis) });
/** Logarithm of the softmax over one axis (the last by default), computed without overflow. */
export const logSoftmax = (x: Value, axis = -1): Value => emit("LogSoftmax", [x], { axis: int(axis) });
