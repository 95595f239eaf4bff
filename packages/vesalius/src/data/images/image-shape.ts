import { sharedArray } from "../columns/storage.ts";

/** Size of one image: `[channels, height, width]`. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Number of values in one image. */
export function pixelsPerImage({ channels, height, width }: ImageShape): number {
  return channels * height * width;
}

/**
 * Pixels as decoders give them, `[count, height, width, channels]`, moved to `[count, channels, height, width]` in
 * shared memory.
 */
export function channelsFirst(interleaved: Uint8Array, shape: ImageShape): Uint8Array {
  const planar = sharedArray(Uint8Array, interleaved.length);
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
