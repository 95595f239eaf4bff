import { z } from "zod";
import { type ImageSize, imageSizeSchema } from "../image-roles.ts";

const extent = z.int().positive();

/** Height and width as transformers writes them: one number, a pair, or by their names. */
export const publishedSizeSchema = z.union([
  imageSizeSchema,
  z.strictObject({ height: extent, width: extent }).transform(({ height, width }): ImageSize => [height, width]),
]);
