import { VesaliusError } from "../../common/errors.ts";
import type { ImageSource } from "../image-dataset.ts";
import { pixelsPerImage } from "../image-source.ts";

/** Gives the pixels of the images at `rows`, `[rows.length, channels, height, width]`, 0-255. */
export type RowReader = (rows: Int32Array) => Promise<Uint8Array>;

/**
 * Reads rows of images that are decoded already.
 *
 * @throws VesaliusError `bad-argument` for image files, which only Node can open.
 */
export function memoryRowReader(source: ImageSource): RowReader {
  if (source.kind === "files") {
    throw new VesaliusError("bad-argument", "image files cannot be read here", {
      fix: 'load them in Node, or open the dataset with storage: "memory"',
    });
  }
  const size = pixelsPerImage(source);
  return (rows) => {
    const bytes = new Uint8Array(rows.length * size);
    for (let i = 0; i < rows.length; i++) {
      const start = rows[i]! * size;
      bytes.set(source.pixels.subarray(start, start + size), i * size);
    }
    return Promise.resolve(bytes);
  };
}
