import { float, int } from "../attributes.ts";
import { emitMany } from "../emit.ts";
import type { Value } from "../value.ts";

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
