import { z } from "zod";
import { probabilitySchema } from "./transform.ts";
import type { Transform } from "./transform.ts";

/** Independent normal noise on every value, clipped to [0, 1]; MONAI's `RandGaussianNoise`. */
export const randomGaussianNoiseSchema = z.strictObject({
  name: z.literal("randomGaussianNoise"),
  /** Standard deviation on the scale where black is 0 and white is 1. */
  standardDeviation: z.number().min(0).max(1).default(0.05),
  probability: probabilitySchema.default(0.5),
});

/** See {@link randomGaussianNoiseSchema}. */
export type RandomGaussianNoise = z.infer<typeof randomGaussianNoiseSchema>;

export const randomGaussianNoise: Transform<RandomGaussianNoise> = {
  apply(source, shape, target, { standardDeviation, probability }, stream) {
    if (stream.uniform() >= probability || standardDeviation === 0) {
      target.set(source);
      return;
    }
    const length = shape.channels * shape.height * shape.width;
    for (let i = 0; i < length; i++) {
      target[i] = Math.min(Math.max(source[i]! + standardDeviation * stream.normal(), 0), 1);
    }
  },
};
