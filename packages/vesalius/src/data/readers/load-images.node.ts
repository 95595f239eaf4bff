import { VesaliusError } from "../../common/errors.ts";
import { convertImage } from "../convert-images.ts";
import { fingerprint, fingerprintFile } from "../fingerprints.node.ts";
import { memoryImages, pixelsPerImage, sharedBytes } from "../image-source.ts";
import type { ImageShape, MemoryImages } from "../image-source.ts";
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
    `${failures.length} images cannot be used; the first: ${first.message}; others: ${others.join(", ")}`,
    {
      cause: first,
    },
  );
}

/** Shapes and content hashes of image files, from their headers and bytes. Reads every file and decodes none. */
export async function inspectImages(paths: readonly string[]): Promise<{ shape: ImageShape; fingerprint: string }[]> {
  return forEachFile(paths, async (path) => {
    const { content, shape } = await inspectImage(path);
    return { shape, fingerprint: fingerprintFile(content) };
  });
}

/**
 * The one shape that all images of a set get: what the caller asks for, otherwise what all files agree on.
 *
 * @throws VesaliusError `bad-data` where files differ and the caller did not choose.
 */
export function commonShape(
  shapes: readonly ImageShape[],
  asked: { readonly size?: { height: number; width: number } | undefined; readonly channels?: 1 | 3 | undefined },
  where: string,
): ImageShape {
  const first = shapes[0]!;
  if (asked.channels === undefined && shapes.some(({ channels }) => channels !== first.channels)) {
    const grey = shapes.filter(({ channels }) => channels === 1).length;
    throw new VesaliusError("bad-data", `${grey} images are grey and ${shapes.length - grey} are colour`, {
      where,
      fix: "choose with the option channels: 1 or 3",
    });
  }
  if (asked.size === undefined) {
    const other = shapes.find(({ height, width }) => height !== first.height || width !== first.width);
    if (other) {
      throw new VesaliusError(
        "bad-data",
        `images differ in size: ${first.height}x${first.width}, ${other.height}x${other.width} ...`,
        {
          where,
          fix: "choose one with the option size: { height, width }",
        },
      );
    }
  }
  const { height, width } = asked.size ?? first;
  return { channels: asked.channels ?? first.channels, height, width };
}

/**
 * Decodes files into memory at the given shape, with a hash of each image's pixels as stored.
 *
 * @throws VesaliusError as {@link decodeImage}; several failures are reported together.
 */
export async function decodeImages(
  paths: readonly string[],
  shape: ImageShape,
): Promise<{ images: MemoryImages; fingerprints: string[] }> {
  const size = pixelsPerImage(shape);
  const pixels = sharedBytes(paths.length * size);
  const fingerprints = await forEachFile(paths, async (path, index) => {
    const decoded = await decodeImage(path);
    convertImage(decoded.pixels, decoded.shape, shape, pixels.subarray(index * size, (index + 1) * size));
    return fingerprint(decoded.pixels, decoded.shape);
  });
  return { images: memoryImages(pixels, shape), fingerprints };
}
