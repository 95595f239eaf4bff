import type { ImageShape } from "../images/image-shape.ts";

/** Taps of one output position along one axis: `weights[o * taps + t]` belongs to input `first[o] + t`. */
interface AxisTaps {
  readonly taps: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Weights that map `length` input pixels starting at `start` to `to` output pixels, both grids covering the same
 * interval (pixel centres at half integers). Shrinking averages over the area that an output pixel covers, as
 * PyTorch's `interpolate(mode="area")` does for whole factors; enlarging is linear with clamped edges, as
 * `interpolate(mode="bilinear", align_corners=False)`.
 */
function axisTaps(start: number, length: number, to: number): AxisTaps {
  const scale = length / to;
  if (scale <= 1) {
    const first = new Int32Array(to);
    const taps = length === 1 ? 1 : 2;
    const weights = new Float32Array(to * taps).fill(1);
    for (let o = 0; o < to; o++) {
      const position = Math.min(Math.max((o + 0.5) * scale - 0.5, 0), length - 1);
      const left = Math.min(Math.floor(position), length - taps);
      first[o] = start + left;
      if (taps === 2) {
        weights[o * 2] = 1 - (position - left);
        weights[o * 2 + 1] = position - left;
      }
    }
    return { taps, first, weights };
  }
  const taps = Math.min(Math.ceil(scale) + 1, length);
  const first = new Int32Array(to);
  const weights = new Float32Array(to * taps);
  for (let o = 0; o < to; o++) {
    const from = o * scale;
    const until = from + scale;
    const left = Math.min(Math.floor(from), length - taps);
    first[o] = start + left;
    for (let t = 0; t < taps; t++) {
      const covered = Math.min(until, left + t + 1) - Math.max(from, left + t);
      weights[o * taps + t] = Math.max(covered, 0) / scale;
    }
  }
  return { taps, first, weights };
}

/** The part of an image that is resampled: rows `top` to `top + height`, columns `left` to `left + width`. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Combines the taps of one row; two taps, as every enlargement has, are written out for speed. */
function resampleRow(
  { first, weights, taps }: AxisTaps,
  source: Float32Array,
  from: number,
  target: Float32Array,
  to: number,
): void {
  const length = first.length;
  if (taps === 2) {
    for (let o = 0; o < length; o++) {
      const at = from + first[o]!;
      target[to + o] = weights[2 * o]! * source[at]! + weights[2 * o + 1]! * source[at + 1]!;
    }
    return;
  }
  for (let o = 0; o < length; o++) {
    const at = from + first[o]!;
    let sum = 0;
    for (let t = 0; t < taps; t++) sum += weights[o * taps + t]! * source[at + t]!;
    target[to + o] = sum;
  }
}

/** Adds up whole rows by weight, so that memory is read in the order in which it lies. */
function combineRows(
  source: Float32Array,
  from: number,
  weights: Float32Array,
  target: Float32Array,
  to: number,
  width: number,
): void {
  for (let x = 0; x < width; x++) target[to + x] = weights[0]! * source[from + x]!;
  for (let t = 1; t < weights.length; t++) {
    const weight = weights[t]!;
    const row = from + t * width;
    if (weight !== 0) for (let x = 0; x < width; x++) target[to + x]! += weight * source[row + x]!;
  }
}

let between = new Float32Array(0);

/**
 * Resamples a region of an image to `[channels, height, width]` of `to`: area averaging along an axis that shrinks,
 * bilinear along one that grows, the identity where the size stays.
 *
 * @param source `[channels, height, width]` of `shape`, any value range.
 * @param target Receives `[channels, to.height, to.width]`; must not overlap `source`.
 */
export function resample(
  source: Float32Array,
  shape: ImageShape,
  region: Region,
  target: Float32Array,
  to: { readonly height: number; readonly width: number },
): void {
  const columns = axisTaps(region.left, region.width, to.width);
  const rows = axisTaps(region.top, region.height, to.height);
  const size = region.height * to.width;
  if (between.length < size) between = new Float32Array(size);
  for (let channel = 0; channel < shape.channels; channel++) {
    const plane = channel * shape.height * shape.width;
    for (let y = 0; y < region.height; y++) {
      resampleRow(columns, source, plane + (region.top + y) * shape.width, between, y * to.width);
    }
    const out = channel * to.height * to.width;
    for (let y = 0; y < to.height; y++) {
      const weights = rows.weights.subarray(y * rows.taps, (y + 1) * rows.taps);
      combineRows(between, (rows.first[y]! - region.top) * to.width, weights, target, out + y * to.width, to.width);
    }
  }
}
