import { z } from "zod";
import { resample } from "./resample.ts";
import type { Transform } from "./transform.ts";

/** The whole image at another size: area averaging where it shrinks, bilinear where it grows. */
export const resizeSchema = z.strictObject({
  name: z.literal("resize"),
  height: z.int().min(1),
  width: z.int().min(1),
});

/** See {@link resizeSchema}. */
export type Resize = z.infer<typeof resizeSchema>;

export const resize: Transform<Resize> = {
  outputShape: ({ height, width }, { channels }) => ({ channels, height, width }),
  apply(source, shape, target, spec) {
    resample(source, shape, { top: 0, left: 0, height: shape.height, width: shape.width }, target, spec);
  },
};
