import { z } from "zod";
import { probabilitySchema, rangeSchema, uniformIn } from "./transform.ts";
import type { Transform } from "./transform.ts";

/**
 * Changes of exposure: brightness and contrast as torchvision's `ColorJitter` (factors drawn from
 * [1 - value, 1 + value]; contrast about the image's mean), then gamma as MONAI's `RandAdjustContrast` on [0, 1].
 */
export const randomIntensitySchema = z.strictObject({
  name: z.literal("randomIntensity"),
  brightness: z.number().min(0).max(1).default(0.2),
  contrast: z.number().min(0).max(1).default(0.2),
  /** Interval of the exponent; [1, 1] leaves the curve straight. */
  gamma: rangeSchema(0.5, 10).default([1, 1]),
  probability: probabilitySchema.default(1),
});

/** See {@link randomIntensitySchema}. */
export type RandomIntensity = z.infer<typeof randomIntensitySchema>;

const KNOTS = 128;
const curve = new Float32Array(KNOTS + 2);

/**
 * Raises values in [0, 1] to a power, by linear interpolation of a table over the square root of the value. A power
 * per pixel costs more than all other transforms together; spacing the knots by the square root keeps the error under
 * 0.03 grey levels (of 256) for exponents from 0.5 to 2, and under one for all that the schema allows.
 */
function applyGamma(values: Float32Array, length: number, exponent: number): void {
  for (let knot = 0; knot <= KNOTS; knot++) curve[knot] = (knot / KNOTS) ** (2 * exponent);
  // The knot after the last is read with weight zero where the value is exactly 1.
  curve[KNOTS + 1] = 1;
  for (let i = 0; i < length; i++) {
    const position = Math.sqrt(values[i]!) * KNOTS;
    const knot = Math.floor(position);
    const low = curve[knot]!;
    values[i] = low + (curve[knot + 1]! - low) * (position - knot);
  }
}

export const randomIntensity: Transform<RandomIntensity> = {
  apply(source, shape, target, { brightness, contrast, gamma, probability }, stream) {
    const applied = stream.uniform() < probability;
    const brighter = uniformIn(stream, 1 - brightness, 1 + brightness);
    const steeper = uniformIn(stream, 1 - contrast, 1 + contrast);
    const exponent = uniformIn(stream, gamma[0], gamma[1]);
    const length = shape.channels * shape.height * shape.width;
    if (!applied || (brighter === 1 && steeper === 1 && exponent === 1)) {
      target.set(source);
      return;
    }
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const value = Math.min(source[i]! * brighter, 1);
      target[i] = value;
      sum += value;
    }
    const mean = sum / length;
    const offset = mean - mean * steeper;
    for (let i = 0; i < length; i++) target[i] = Math.min(Math.max(target[i]! * steeper + offset, 0), 1);
    if (exponent !== 1) applyGamma(target, length, exponent);
  },
};
