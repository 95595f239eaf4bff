import { z } from "zod";
import { sampleAffine } from "./affine.ts";
import { fillSchema, probabilitySchema, uniformIn } from "./transform.ts";
import type { Transform } from "./transform.ts";

/** Rotation about the centre by a uniform angle, bilinear; torchvision's `RandomRotation`. */
export const randomRotationSchema = z.strictObject({
  name: z.literal("randomRotation"),
  /** Largest angle in degrees, either way. */
  degrees: z.number().min(0).max(180).default(10),
  probability: probabilitySchema.default(1),
  /** Grey value of the corners that come into view. */
  fill: fillSchema,
});

/** See {@link randomRotationSchema}. */
export type RandomRotation = z.infer<typeof randomRotationSchema>;

export const randomRotation: Transform<RandomRotation> = {
  apply(source, shape, target, { degrees, probability, fill }, stream) {
    const applied = stream.uniform() < probability;
    const radians = (uniformIn(stream, -degrees, degrees) * Math.PI) / 180;
    if (!applied || radians === 0) {
      target.set(source);
      return;
    }
    const cos = Math.cos(radians);
    const sin = Math.sin(radians);
    sampleAffine(source, shape, target, { a: cos, b: sin, c: -sin, d: cos, e: 0, f: 0 }, fill);
  },
};
