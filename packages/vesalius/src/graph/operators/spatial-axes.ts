import { pad, sliceAxes } from "../functions/index.ts";
import type { Value } from "../value.ts";

/** `count` numbers from `start` on. */
export const range = (count: number, start = 0): number[] => Array.from({ length: count }, (_, i) => start + i);

/** Pads the spatial axes of `[batch, channels, ...]`; negative counts crop. */
export const padSpatial = (x: Value, before: readonly number[], after: readonly number[]): Value =>
  pad(x, [0, 0, ...before, 0, 0, ...after]);

/** Cuts the spatial axes of `[batch, channels, ...]` to extents, from a start on. */
export const cropSpatial = (
  x: Value,
  extents: readonly number[],
  starts: readonly number[] = extents.map(() => 0),
): Value =>
  sliceAxes(
    x,
    extents.map((extent, i) => ({ axis: i + 2, start: starts[i]!, end: starts[i]! + extent })),
  );

/** The index of an element of a shape from its place, the last axis fastest. */
export function unravel(place: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = place; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}
