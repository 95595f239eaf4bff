import { z } from "zod";
import { probabilitySchema } from "./transform.ts";
import type { Transform } from "./transform.ts";

/**
 * Mirror image, as torchvision's `RandomHorizontalFlip` and `RandomVerticalFlip`. A horizontal flip swaps the patient's
 * sides: leave it out where laterality matters.
 */
export const randomFlipSchema = z.strictObject({
  name: z.literal("randomFlip"),
  /** `horizontal` swaps left and right, `vertical` swaps top and bottom. */
  axis: z.enum(["horizontal", "vertical"]).default("horizontal"),
  probability: probabilitySchema.default(0.5),
});

/** See {@link randomFlipSchema}. */
export type RandomFlip = z.infer<typeof randomFlipSchema>;

export const randomFlip: Transform<RandomFlip> = {
  apply(source, { channels, height, width }, target, { axis, probability }, stream) {
    if (stream.uniform() >= probability) {
      target.set(source);
      return;
    }
    for (let row = 0; row < channels * height; row++) {
      const channel = Math.floor(row / height);
      const mirrored = channel * height + (height - 1 - (row - channel * height));
      const from = (axis === "vertical" ? mirrored : row) * width;
      const to = row * width;
      if (axis === "vertical") for (let x = 0; x < width; x++) target[to + x] = source[from + x]!;
      else for (let x = 0; x < width; x++) target[to + x] = source[from + width - 1 - x]!;
    }
  },
};
