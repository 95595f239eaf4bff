import { VesaliusError } from "../common/errors.ts";
import type { ImageSource } from "./image-dataset.ts";

/** Size of one image: `[channels, height, width]`. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Decoded images; see {@link ImageSource}. */
export type MemoryImages = Extract<ImageSource, { kind: "memory" }>;

/** Number of values in one image. */
export function pixelsPerImage({ channels, height, width }: ImageShape): number {
  return channels * height * width;
}

/** Bytes that worker threads can see without a copy, where the platform has shared memory. */
export function sharedBytes(length: number): Uint8Array {
  return typeof SharedArrayBuffer === "undefined"
    ? new Uint8Array(length)
    : new Uint8Array(new SharedArrayBuffer(length));
}

/**
 * Wraps decoded pixels as an image source.
 *
 * @param pixels `[count, channels, height, width]`, 0-255. Copied once into shared memory unless it lies there already.
 * @throws VesaliusError `shape-mismatch` where the number of bytes is no whole number of images.
 */
export function memoryImages(pixels: Uint8Array, shape: ImageShape): MemoryImages {
  const count = pixels.length / pixelsPerImage(shape);
  if (!Number.isInteger(count)) {
    throw new VesaliusError(
      "shape-mismatch",
      `${pixels.length} bytes are no whole number of images of [${shape.channels}, ${shape.height}, ${shape.width}]`,
    );
  }
  let shared = pixels;
  if (typeof SharedArrayBuffer !== "undefined" && !(pixels.buffer instanceof SharedArrayBuffer)) {
    shared = sharedBytes(pixels.length);
    shared.set(pixels);
  }
  const { channels, height, width } = shape;
  return { kind: "memory", pixels: shared, count, channels, height, width };
}

/**
 * Pixels as decoders give them, `[count, height, width, channels]`, moved to `[count, channels, height, width]` in
 * shared memory.
 */
export function channelsFirst(interleaved: Uint8Array, shape: ImageShape): Uint8Array {
  const planar = sharedBytes(interleaved.length);
  if (shape.channels === 1) {
    planar.set(interleaved);
    return planar;
  }
  const plane = shape.height * shape.width;
  const size = pixelsPerImage(shape);
  for (let start = 0; start < interleaved.length; start += size) {
    for (let i = 0; i < plane; i++) {
      for (let channel = 0; channel < shape.channels; channel++) {
        planar[start + channel * plane + i] = interleaved[start + i * shape.channels + channel]!;
      }
    }
  }
  return planar;
}

/** The images at `indices`, in that order. Memory is copied, file names are listed anew. */
export function gatherImages(source: ImageSource, indices: ArrayLike<number>): ImageSource {
  const rows = Array.from(indices);
  if (source.kind === "files") return { ...source, paths: rows.map((row) => source.paths[row]!) };
  const size = pixelsPerImage(source);
  const pixels = sharedBytes(rows.length * size);
  for (const [position, row] of rows.entries()) {
    pixels.set(source.pixels.subarray(row * size, (row + 1) * size), position * size);
  }
  return memoryImages(pixels, source);
}
