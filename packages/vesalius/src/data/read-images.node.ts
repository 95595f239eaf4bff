import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { fileError } from "../common/files.node.ts";
import type { ImageSplit } from "./image-dataset.ts";
import type { ImageShape } from "./image-source.ts";
import { listImages } from "./readers/image-folder.node.ts";
import { decodeImages } from "./readers/load-images.node.ts";
import { validate } from "../common/check.ts";

const shapeSchema = z.strictObject({
  height: z.int().min(1),
  width: z.int().min(1),
  channels: z.union([z.literal(1), z.literal(3)]),
});

/**
 * Reads one image file, or all PNG and JPEG files directly in a folder sorted by name, as unlabelled images of the
 * shape that a model takes. Colour and size are converted as a dataset's are.
 *
 * @param path A PNG or JPEG file, or a folder.
 * @param shape Height and width in pixels, 1 or 3 channels.
 * @returns A split named `test` whose ids are the file names.
 * @throws VesaliusError `missing-file`, `bad-file` for an image that cannot be decoded, `bad-data` for a folder without
 * images or an image with transparency or more than 8 bits, `missing-dependency` without sharp.
 */
export async function readImages(path: string, shape: ImageShape): Promise<ImageSplit> {
  const to = validate(shapeSchema, shape, { code: "bad-argument", what: "shape of readImages" });
  const found = await stat(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  const paths = found.isDirectory() ? await listImages(path) : [path];
  if (paths.length === 0) {
    throw new VesaliusError("bad-data", "the folder holds no PNG or JPEG files", { where: path });
  }
  return {
    name: "test",
    length: paths.length,
    ids: paths.map((file) => basename(file)),
    labels: undefined,
    groups: undefined,
    attributes: {},
    ...(await decodeImages(paths, to)),
  };
}
