import { VesaliusError } from "../../common/errors.ts";
import { channelsFirst } from "../images/image-shape.ts";
import type { ImageShape } from "../images/image-shape.ts";
import type { Window } from "../images/window.ts";
import { readBytes } from "./read-file.browser.ts";

/**
 * Decodes the image behind an address with the browser's own decoder, upright by its EXIF orientation, as three
 * channels, which grey images repeat.
 *
 * @throws VesaliusError `missing-file`; `bad-file` for bytes that the browser does not decode; `bad-data` for transparency
 */
export async function decodeImage(path: string, window?: Window): Promise<{ pixels: Uint8Array; shape: ImageShape }> {
  if (window !== undefined)
    throw new VesaliusError("bad-data", "a browser does not decode images of 16 bits", { where: path });
  const bytes = await readBytes(path);
  let bitmap: ImageBitmap;
  try {
    const options = { colorSpaceConversion: "none", premultiplyAlpha: "none", imageOrientation: "from-image" } as const;
    bitmap = await createImageBitmap(new Blob([bytes.slice()]), options);
  } catch (error) {
    throw new VesaliusError("bad-file", "the image cannot be decoded", { where: path, cause: error });
  }
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  if (canvas === null) throw new VesaliusError("runtime-failure", "the browser gives no canvas to decode images with");
  canvas.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = canvas.getImageData(0, 0, width, height);
  const interleaved = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (data[4 * pixel + 3] !== 255)
      throw new VesaliusError("bad-data", "the image is transparent in places", {
        where: path,
        fix: "remove the transparency",
      });
    for (let channel = 0; channel < 3; channel++) interleaved[3 * pixel + channel] = data[4 * pixel + channel]!;
  }
  const shape = { channels: 3, height, width };
  return { pixels: channelsFirst(interleaved, shape), shape };
}
