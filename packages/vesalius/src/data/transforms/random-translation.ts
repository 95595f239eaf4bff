import { z } from "zod";
import { sampleAffine } from "./affine.ts";
import { fillSchema, probabilitySchema, uniformIn } from "./transform.ts";
import type { Transform } from "./transform.ts";

const shareSchema = z.number().min(0).max(1).default(0.1);

/** Shift by whole pixels, as the translation of torchvision's `RandomAffine`. */
export const randomTranslationSchema = z.strictObject({
  name: z.literal("randomTranslation"),
  /** Largest shift to either side as a share of the width. */
  horizontal: shareSchema,
  /** Largest shift up or down as a share of the height. */
  vertical: shareSchema,
  probability: probabilitySchema.default(1),
  /** Grey value of the border that comes into view. */
  fill: fillSchema,
});

/** See {@link randomTranslationSchema}. */
export type RandomTranslation = z.infer<typeof randomTranslationSchema>;

export const randomTranslation: Transform<RandomTranslation> = {
  apply(source, shape, target, { horizontal, vertical, probability, fill }, stream) {
    const applied = stream.uniform() < probability;
    const right = Math.round(uniformIn(stream, -horizontal, horizontal) * shape.width);
    const down = Math.round(uniformIn(stream, -vertical, vertical) * shape.height);
    if (!applied || (right === 0 && down === 0)) target.set(source);
    else sampleAffine(source, shape, target, { a: 1, b: 0, c: 0, d: 1, e: -right, f: -down }, fill);
  },
};
