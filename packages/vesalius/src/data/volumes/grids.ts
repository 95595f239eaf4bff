import { VesaliusError } from "../../common/errors.ts";
import type { GridValues } from "../encoders/encoder.ts";

const product = (extents: readonly number[]): number => extents.reduce((all, extent) => all * extent, 1);

/** Number of values of one channel. */
export const placesOf = (extents: readonly number[]): number => product(extents);

/** Most values of one grid; a volume of the whole body in steps of a millimetre has 2^28. */
const mostValues = 2 ** 29;

/**
 * Number of values of a grid that is to be allocated.
 *
 * @throws VesaliusError `bad-data` for more than any grid has: a spacing in a header or a size in a configuration is wrong
 */
export function valuesOf(channels: number, extents: readonly number[]): number {
  const count = channels * product(extents);
  if (count <= mostValues) return count;
  throw new VesaliusError("bad-data", `a grid of ${extents.join(" x ")} values in ${channels} channels is asked for`, {
    fix: "check the spacing in the file's header, and the size and spacing that the model reads",
  });
}

/** Visits every place of a grid in row-major order; `index` is reused from call to call. */
export function eachPlace(extents: readonly number[], visit: (index: readonly number[], place: number) => void): void {
  const index = extents.map(() => 0);
  const size = product(extents);
  for (let place = 0; place < size; place++) {
    visit(index, place);
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < extents[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** Place of an index in row-major order. */
export const placeAt = (index: readonly number[], extents: readonly number[]): number =>
  index.reduce((place, at, axis) => place * extents[axis]! + at, 0);

/**
 * Values at positions between the places of a grid, linearly along every axis; positions outside take the nearest place.
 *
 * @param values of one channel, `[...extents]`
 */
export function linearAt(values: ArrayLike<number>, extents: readonly number[], position: readonly number[]): number {
  const rank = extents.length;
  let sum = 0;
  for (let corner = 0; corner < 1 << rank; corner++) {
    let weight = 1;
    let place = 0;
    for (let axis = 0; axis < rank; axis++) {
      const last = extents[axis]! - 1;
      const at = Math.min(Math.max(position[axis]!, 0), last);
      const low = Math.min(Math.floor(at), Math.max(last - 1, 0));
      const share = at - low;
      const high = (corner >> axis) & 1;
      weight *= high === 1 ? share : 1 - share;
      place = place * extents[axis]! + Math.min(low + high, last);
    }
    if (weight !== 0) sum += weight * values[place]!;
  }
  return sum;
}

/** Value of the nearest place to a position; positions outside take the nearest place. */
export function nearestAt(values: ArrayLike<number>, extents: readonly number[], position: readonly number[]): number {
  let place = 0;
  for (let axis = 0; axis < extents.length; axis++) {
    const at = Math.min(Math.max(Math.round(position[axis]!), 0), extents[axis]! - 1);
    place = place * extents[axis]! + at;
  }
  return values[place]!;
}

/** Extents of a grid of another spacing over the same space, at least 1 along each axis. */
export const extentsAt = (
  extents: readonly number[],
  from: readonly number[],
  to: readonly number[],
): readonly number[] => extents.map((extent, axis) => Math.max(1, Math.round((extent * from[axis]!) / to[axis]!)));

/**
 * A grid with other extents over the same space: the centres of first and last places lie where half a place of each
 * grid reaches its end (as `align_corners=False`).
 */
export function resampled(grid: GridValues, extents: readonly number[], how: "linear" | "nearest"): GridValues {
  const { channels } = grid;
  if (extents.every((extent, axis) => extent === grid.extents[axis])) return grid;
  const [before, after] = [product(grid.extents), product(extents)];
  const data = new Float32Array(valuesOf(channels, extents));
  const scale = extents.map((extent, axis) => grid.extents[axis]! / extent);
  const sample = how === "linear" ? linearAt : nearestAt;
  const position = extents.map(() => 0);
  for (let channel = 0; channel < channels; channel++) {
    const values = grid.data.subarray(channel * before, (channel + 1) * before);
    eachPlace(extents, (index, place) => {
      for (let axis = 0; axis < index.length; axis++) position[axis] = (index[axis]! + 0.5) * scale[axis]! - 0.5;
      data[channel * after + place] = sample(values, grid.extents, position);
    });
  }
  return { channels, extents, data };
}

/**
 * Copies a grid into one of other extents, both centred: what reaches beyond is cut off, what is not covered keeps the
 * target's values.
 *
 * @param source `[channels, ...from]`
 * @param target `[channels, ...to]`
 */
export function centredCopy(
  source: ArrayLike<number>,
  from: readonly number[],
  target: Float32Array | Int32Array,
  to: readonly number[],
  channels: number,
): void {
  const shared = from.map((extent, axis) => Math.min(extent, to[axis]!));
  const start = (extents: readonly number[]): number[] => extents.map((extent, axis) => (extent - shared[axis]!) >> 1);
  const [fromStart, toStart] = [start(from), start(to)];
  const [before, after] = [product(from), product(to)];
  eachPlace(shared, (index) => {
    let a = 0;
    let b = 0;
    for (let axis = 0; axis < index.length; axis++) {
      a = a * from[axis]! + fromStart[axis]! + index[axis]!;
      b = b * to[axis]! + toStart[axis]! + index[axis]!;
    }
    for (let channel = 0; channel < channels; channel++) target[channel * after + b] = source[channel * before + a]!;
  });
}
