import { z } from "zod";
import type { RandomStream } from "../../common/random.ts";
import type { ImageShape } from "../images/image-shape.ts";
import { resample } from "./resample.ts";
import type { Region } from "./resample.ts";
import { rangeSchema, uniformIn } from "./transform.ts";
import type { Transform } from "./transform.ts";

/** Crop of random area and aspect ratio, resized to `size`; torchvision's `RandomResizedCrop` with its defaults. */
export const randomResizedCropSchema = z.strictObject({
  name: z.literal("randomResizedCrop"),
  /** Area of the crop as a share of the image's. */
  scale: rangeSchema(0.001, 1).default([0.08, 1]),
  /** Width divided by height of the crop. */
  ratio: rangeSchema(0.01, 100).default([3 / 4, 4 / 3]),
  /** Pixels of the result; the image's own size unless told. */
  size: z.strictObject({ height: z.int().min(1), width: z.int().min(1) }).optional(),
});

/** See {@link randomResizedCropSchema}. */
export type RandomResizedCrop = z.infer<typeof randomResizedCropSchema>;

const ATTEMPTS = 10;

/** The largest centred crop whose ratio is allowed, for images so long that no drawn crop fits. */
function centralRegion(shape: ImageShape, [low, high]: readonly [number, number]): Region {
  const ratio = Math.min(Math.max(shape.width / shape.height, low), high);
  const width = Math.min(shape.width, Math.max(1, Math.round(shape.height * ratio)));
  const height = Math.min(shape.height, Math.max(1, Math.round(shape.width / ratio)));
  return { top: (shape.height - height) >> 1, left: (shape.width - width) >> 1, height, width };
}

function drawRegion(shape: ImageShape, { scale, ratio }: RandomResizedCrop, stream: RandomStream): Region {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = shape.height * shape.width * uniformIn(stream, scale[0], scale[1]);
    const aspect = Math.exp(uniformIn(stream, Math.log(ratio[0]), Math.log(ratio[1])));
    const width = Math.round(Math.sqrt(area * aspect));
    const height = Math.round(Math.sqrt(area / aspect));
    if (width < 1 || height < 1 || width > shape.width || height > shape.height) continue;
    const top = stream.integer(shape.height - height + 1);
    const left = stream.integer(shape.width - width + 1);
    return { top, left, height, width };
  }
  return centralRegion(shape, ratio);
}

/** Bilinear where the crop is enlarged, area averaging where it is shrunk. */
export const randomResizedCrop: Transform<RandomResizedCrop> = {
  outputShape: ({ size }, shape) => ({ ...shape, ...size }),
  apply(source, shape, target, spec, stream) {
    resample(source, shape, drawRegion(shape, spec, stream), target, spec.size ?? shape);
  },
};
