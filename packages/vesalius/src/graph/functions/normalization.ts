import { float, int } from "../attributes.ts";
import { emitMany } from "../emit.ts";
import type { Value } from "../value.ts";
import { divide, maximum, sqrt } from "./arithmetic.ts";
import { reduceSumSquare } from "./reductions.ts";

/**
 * Layer normalization over the last axis (Ba et al. 2016): `(x - mean) / sqrt(variance + epsilon) * scale + bias`.
 *
 * @param x `[..., width]`
 * @param scale `[width]`
 * @param bias `[width]`
 */
export const layerNorm = (x: Value, scale: Value, bias: Value | undefined, epsilon = 1e-5): Value =>
  // The mean and the inverse deviation are kept for the gradient; an export drops outputs that nobody reads.
  emitMany("LayerNormalization", [x, scale, bias], { axis: int(-1), epsilon: float(epsilon) }, 3)[0]!;

/**
 * Vectors of unit length along the last axis, as `torch.nn.functional.normalize`: `x / max(|x|, epsilon)`.
 *
 * @param x `[..., width]`
 */
export const l2Normalize = (x: Value, epsilon = 1e-12): Value =>
  // The limit stands under the root, whose slope at zero is infinite.
  divide(x, sqrt(maximum(reduceSumSquare(x, [-1]), epsilon ** 2)));
