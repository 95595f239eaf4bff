import type { Window } from "../images/window.ts";
import { createDigest } from "#common/digest";
import { VesaliusError } from "../../common/errors.ts";
import { imageHash } from "../columns/images.ts";
import { sharedArray } from "../columns/storage.ts";
import type { MemoryBudget } from "../files/memory-budget.ts";
import { convertImage } from "../images/convert-images.ts";
import { type ImageShape, pixelsPerImage } from "../images/image-shape.ts";
import { decodeImage, inspectImage } from "./image-files.node.ts";

/** Files in flight at once: enough to keep the decoder's threads busy without holding many images. */
const CONCURRENCY = 8;

/** Applies `work` to every file, a few at a time, and reports all failures together instead of one per attempt. */
export async function forEachFile<Result>(
  paths: readonly string[],
  work: (path: string, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = Array.from({ length: paths.length });
  // By position, so that the report does not depend on which file was decoded first; holes are left out below.
  const failed: (VesaliusError | undefined)[] = Array.from({ length: paths.length });
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < paths.length) {
      const index = next++;
      try {
        results[index] = await work(paths[index]!, index);
      } catch (error) {
        if (!(error instanceof VesaliusError) || error.code === "missing-dependency") throw error;
        failed[index] = error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const failures = failed.filter((error) => error !== undefined);
  const first = failures[0];
  if (first === undefined) return results;
  if (failures.length === 1) throw first;
  const others = failures.slice(1, 6).map(({ where }) => where);
  throw new VesaliusError(
    first.code,
    `${failures.length} images cannot be used; the first: ${first.what} (${first.where ?? ""}); others: ${others.join(", ")}`,
    { fix: (option) => first.fixAs(option) ?? "correct or leave out these files", cause: first },
  );
}

/** Shapes and content hashes of image files, from their headers and bytes. Reads every file and decodes none. */
export async function inspectImages(
  paths: readonly string[],
  window?: Window,
): Promise<{ shape: ImageShape; hash: string; bits: 8 | 16 }[]> {
  return forEachFile(paths, async (path) => {
    const { content, shape, bits } = await inspectImage(path, window);
    return { shape, bits, hash: createDigest().update(content).hex() };
  });
}

/**
 * Decodes files into memory at the given shape, with a hash of each image's pixels as stored.
 *
 * @param budget what all images that are decoded at the same time may take together, beside the result
 * @throws VesaliusError as {@link decodeImage}; several failures are reported together.
 */
export async function decodeImages(
  paths: readonly string[],
  shape: ImageShape,
  budget: MemoryBudget,
  window?: Window,
): Promise<{ pixels: Uint8Array; hashes: string[] }> {
  const size = pixelsPerImage(shape);
  const pixels = sharedArray(Uint8Array, paths.length * size);
  const hashes = await forEachFile(paths, async (path, index) => {
    const decoded = await decodeImage(path, window, budget);
    convertImage(decoded.pixels, decoded.shape, shape, pixels.subarray(index * size, (index + 1) * size));
    return imageHash(decoded.pixels, decoded.shape);
  });
  return { pixels, hashes };
}
