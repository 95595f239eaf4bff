import type { ImageSource } from "../image-dataset.ts";
import { decodeImages } from "../readers/load-images.node.ts";
import { memoryRowReader } from "./row-reader.ts";
import type { RowReader } from "./row-reader.ts";

/** Reads rows of decoded images, or decodes the files that the rows name. */
export function rowReader(source: ImageSource): RowReader {
  if (source.kind === "memory") return memoryRowReader(source);
  return async (rows) =>
    (
      await decodeImages(
        Array.from(rows, (row) => source.paths[row]!),
        source,
      )
    ).images.pixels;
}
