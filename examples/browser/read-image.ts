import { VesaliusError } from "vesalius";

/** An image as the browser decodes it: three channels after each other, `[3, height, width]`, 0 to 255. */
export interface DecodedImage {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/**
 * Decodes an image file, upright and without any correction of colours, as the library does it in Node.
 *
 * @throws VesaliusError `bad-file` for a file that is no image that the browser reads; `bad-data` for transparency
 */
export async function readImage(file: File): Promise<DecodedImage> {
  const bitmap = await createImageBitmap(file, {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
    imageOrientation: "from-image",
  }).catch((cause: unknown) => {
    throw new VesaliusError("bad-file", "this is no image that the browser can read", { where: file.name, cause });
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new VesaliusError("runtime-failure", "this browser cannot decode images in a worker");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const places = width * height;
  const pixels = new Uint8Array(3 * places);
  for (let place = 0; place < places; place++) {
    if (data[4 * place + 3] !== 255)
      throw new VesaliusError("bad-data", "the image is transparent in places", {
        where: file.name,
        fix: "remove the transparency",
      });
    for (let channel = 0; channel < 3; channel++) pixels[channel * places + place] = data[4 * place + channel]!;
  }
  return { height, width, pixels };
}
