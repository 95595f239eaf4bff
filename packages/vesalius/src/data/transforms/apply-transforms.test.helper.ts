import type { Spec } from "../../common/catalogue.ts";
import type { RandomStream } from "../../common/random.ts";
import type { Raster } from "../columns/images.ts";
import type { ImageShape } from "../images/image-shape.ts";
import { transforms } from "./index.ts";

/** An image in [0, 1], `[channels, height, width]`. */
export interface FloatImage extends ImageShape {
  readonly pixels: Float32Array;
}

/** Changes one image by transforms of the catalogue, one after the other, as batches of training do. */
export function applyTransforms(image: FloatImage, specs: readonly Spec[], random: RandomStream): FloatImage {
  const { channels, height, width, pixels } = image;
  let raster: Raster = { channels, extents: [height, width], data: pixels, scale: 1 };
  for (const spec of specs) {
    const moved = { part: "image", kind: "images", value: raster };
    raster = transforms.create(spec).draw([moved], random)(moved) as Raster;
  }
  const { channels: count, extents, data } = raster;
  return { channels: count, height: extents[0], width: extents[1], pixels: data as Float32Array };
}
