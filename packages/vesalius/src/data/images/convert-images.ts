import { VesaliusError } from "../../common/errors.ts";
import { sharedArray } from "../columns/storage.ts";
import { resample } from "../transforms/resample.ts";
import { type ImageShape, pixelsPerImage } from "./image-shape.ts";

/** Luma of ITU-R BT.601, the grey value that Pillow's `convert("L")` and OpenCV give. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * Makes one image's channels 1 or 3: colour becomes its luma (ITU-R BT.601), grey is repeated.
 *
 * @throws VesaliusError `shape-mismatch` for other numbers of channels.
 */
function convertChannels(pixels: Uint8Array, from: ImageShape, channels: number): Uint8Array {
  if (from.channels === channels) return pixels;
  const plane = from.height * from.width;
  const converted = new Uint8Array(channels * plane);
  if (from.channels === 3 && channels === 1) {
    for (let i = 0; i < plane; i++) {
      converted[i] = Math.round(LUMA[0] * pixels[i]! + LUMA[1] * pixels[plane + i]! + LUMA[2] * pixels[2 * plane + i]!);
    }
  } else if (from.channels === 1 && channels === 3) {
    for (let channel = 0; channel < 3; channel++) converted.set(pixels, channel * plane);
  } else {
    throw new VesaliusError("shape-mismatch", `cannot make ${channels} channels out of ${from.channels}`, {
      fix: "use images of 1 (grey) or 3 (colour) channels",
    });
  }
  return converted;
}

/**
 * Writes one image into `target` as `[channels, height, width]` of `to`: channels converted, then resized by area
 * averaging along axes that shrink and bilinearly along axes that grow. Both decoded files and arrays come through
 * here, so the same picture gives the same bytes whichever way it is stored.
 *
 * @param pixels `[channels, height, width]` of `from`, 0-255.
 */
export function convertImage(pixels: Uint8Array, from: ImageShape, to: ImageShape, target: Uint8Array): void {
  const converted = convertChannels(pixels, from, to.channels);
  if (from.height === to.height && from.width === to.width) {
    target.set(converted);
    return;
  }
  const resized = new Float32Array(pixelsPerImage(to));
  const shape = { channels: to.channels, height: from.height, width: from.width };
  resample(
    Float32Array.from(converted),
    shape,
    { top: 0, left: 0, height: from.height, width: from.width },
    resized,
    to,
  );
  // The clamped array rounds to the nearest value; a plain one would cut the fraction off.
  target.set(new Uint8ClampedArray(resized));
}

/**
 * Decoded images at another size or number of channels.
 *
 * @param pixels `[count, channels, height, width]` of `from`, 0-255
 * @returns `[count, channels, height, width]` of `to`; the same array where nothing changes
 */
export function convertImages(pixels: Uint8Array, from: ImageShape, to: ImageShape): Uint8Array {
  if (from.channels === to.channels && from.height === to.height && from.width === to.width) return pixels;
  const [before, after] = [pixelsPerImage(from), pixelsPerImage(to)];
  const count = pixels.length / before;
  const converted = sharedArray(Uint8Array, count * after);
  for (let image = 0; image < count; image++) {
    const source = pixels.subarray(image * before, (image + 1) * before);
    convertImage(source, from, to, converted.subarray(image * after, (image + 1) * after));
  }
  return converted;
}

/** An image's shape in words. */
export const describeShape = ({ channels, height, width }: ImageShape): string =>
  `${width} x ${height} ${channels === 1 ? "grey" : "colour"}`;

/** What a change of size or colour loses, in words; nothing where nothing is lost. */
export function conversionCautions(before: readonly ImageShape[], after: readonly ImageShape[]): string[] {
  const counts = new Map<string, number>();
  for (const [i, from] of before.entries()) {
    const to = after[i]!;
    const loses = to.height < from.height || to.width < from.width || to.channels < from.channels;
    if (loses)
      counts.set(
        `${describeShape(from)} read as ${describeShape(to)}`,
        (counts.get(`${describeShape(from)} read as ${describeShape(to)}`) ?? 0) + 1,
      );
  }
  const listed = [...counts].sort(([, a], [, b]) => b - a);
  const shown = listed.slice(0, 3).map(([change, count]) => `Images of ${change} (${count}).`);
  const rest = listed.slice(3).reduce((sum, [, count]) => sum + count, 0);
  return rest === 0 ? shown : [...shown, `${rest} images of other sizes made smaller or grey.`];
}
