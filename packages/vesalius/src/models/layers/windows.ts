import {
  concat,
  gather,
  type Graph,
  pad,
  reshape,
  slice,
  sliceAxes,
  transpose,
  type Value,
} from "../../graph/index.ts";
import { tableSize } from "./table-size.ts";

/** Moves the start of an axis by `shift` positions to its end, as `torch.roll` with a negative shift. */
function rollBack(x: Value, axis: number, shift: number): Value {
  const extent = x.shape[axis]!;
  const by = ((shift % extent) + extent) % extent;
  return by === 0 ? x : concat([slice(x, axis, by, extent), slice(x, axis, 0, by)], axis);
}

/**
 * Rolls every spatial axis cyclically.
 *
 * @param x `[batch, ...spatial, width]`
 * @param shift positions for each spatial axis; position `shift` becomes the first
 */
export const rollSpatial = (x: Value, shift: readonly number[]): Value =>
  shift.reduce((rolled, by, i) => rollBack(rolled, i + 1, by), x);

/**
 * Zeros behind every spatial axis up to the given extents.
 *
 * @param x `[batch, ...spatial, width]`
 */
export const padSpatial = (x: Value, extents: readonly number[]): Value =>
  pad(x, [...x.shape.map(() => 0), 0, ...extents.map((extent, i) => extent - x.shape[i + 1]!), 0]);

/** The first positions of every spatial axis: the inverse of `padSpatial`. */
export const cropSpatial = (x: Value, extents: readonly number[]): Value =>
  sliceAxes(
    x,
    extents.map((extent, i) => ({ axis: i + 1, start: 0, end: extent })),
  );

/** Smallest multiples of the window that hold the extents. */
export const paddedExtents = (extents: readonly number[], window: readonly number[]): number[] =>
  extents.map((extent, i) => Math.ceil(extent / window[i]!) * window[i]!);

/**
 * Cuts feature maps into windows, with zeros behind the last one where the extents are no multiples.
 *
 * @param x `[batch, ...spatial, width]`
 * @param window extent of a window along each spatial axis
 * @returns `[batch * windows, ...window, width]`
 */
export function partitionWindows(x: Value, window: readonly number[]): Value {
  const [batch, width] = [x.shape[0]!, x.shape.at(-1)!];
  const extents = paddedExtents(x.shape.slice(1, -1), window);
  const cut = reshape(padSpatial(x, extents), [
    batch,
    ...extents.flatMap((extent, i) => [extent / window[i]!, window[i]!]),
    width,
  ]);
  const [grid, inside] = [window.map((_, i) => 1 + 2 * i), window.map((_, i) => 2 + 2 * i)];
  return reshape(transpose(cut, [0, ...grid, ...inside, cut.rank - 1]), [-1, ...window, width]);
}

/**
 * Puts windows together again and drops the padding: the inverse of `partitionWindows`.
 *
 * @param windows `[batch * windows, ...window, width]`, or with the window's axes flattened
 * @param spatial extents of the feature map
 * @returns `[batch, ...spatial, width]`
 */
export function mergeWindows(
  windows: Value,
  window: readonly number[],
  batch: number,
  spatial: readonly number[],
): Value {
  const width = windows.shape.at(-1)!;
  const extents = paddedExtents(spatial, window);
  const rank = window.length;
  const opened = reshape(windows, [batch, ...extents.map((extent, i) => extent / window[i]!), ...window, width]);
  const interleaved = window.flatMap((_, i) => [1 + i, 1 + rank + i]);
  const whole = reshape(transpose(opened, [0, ...interleaved, opened.rank - 1]), [batch, ...extents, width]);
  return cropSpatial(whole, spatial);
}

/** Coordinates of every position of a grid, the last axis fastest. */
export function gridCoordinates(extents: readonly number[]): number[][] {
  tableSize(...extents, extents.length);
  return extents.reduce<number[][]>(
    (rows, extent) => rows.flatMap((row) => Array.from({ length: extent }, (_, position) => [...row, position])),
    [[]],
  );
}

/**
 * Row of a table of relative positions for each pair of positions of a window, as `relative_position_index` of Swin: a
 * table has `2 * extent - 1` offsets along each axis, the last axis fastest.
 *
 * @returns one index for each pair, row by row
 */
export function relativePositionIndex(window: readonly number[]): { index: Int32Array; tableLength: number } {
  tableSize(...window, ...window);
  const positions = gridCoordinates(window);
  const index = new Int32Array(positions.length ** 2);
  positions.forEach((query, i) =>
    positions.forEach((key, j) => {
      index[i * positions.length + j] = window.reduce(
        (row, extent, axis) => row * (2 * extent - 1) + query[axis]! - key[axis]! + extent - 1,
        0,
      );
    }),
  );
  return { index, tableLength: window.reduce((product, extent) => product * (2 * extent - 1), 1) };
}

/**
 * Bias of attention scores by relative position, looked up in the parameter `name` `[offsets, heads]`.
 *
 * @param window for which the table was made
 * @param count number of positions that attend: those of the window, or fewer where MONAI shrinks it, which takes the
 * first rows and columns of the index of the whole window
 * @returns `[1, heads, count, count]`
 */
export function relativePositionBias(
  graph: Graph,
  name: string,
  window: readonly number[],
  heads: number,
  count: number,
) {
  const { index, tableLength } = relativePositionIndex(window);
  const all = Math.sqrt(index.length);
  const rows = Array.from({ length: count }, (_, i) => index.subarray(i * all, i * all + count));
  const pairs = Int32Array.from(rows.flatMap((row) => [...row]));
  const table = graph.parameter(name, [tableLength, heads], { kind: "truncatedNormal", standardDeviation: 0.02 });
  const looked = gather(table, graph.constant({ dtype: "int32", shape: [count, count], data: pairs }), 0);
  return reshape(transpose(looked, [2, 0, 1]), [1, heads, count, count]);
}

/**
 * Numbers added to the scores in shifted windows, so that positions that a cyclic roll brought together do not see each
 * other: 0 inside a region, -100 across.
 *
 * @param extents padded extents of the feature map
 * @returns `[windows, 1, positions, positions]`
 */
export function shiftedWindowMask(
  graph: Graph,
  extents: readonly number[],
  window: readonly number[],
  shift: readonly number[],
): Value {
  const regionAlong = (position: number, axis: number): number => {
    if (shift[axis] === 0 || position < extents[axis]! - window[axis]!) return 0;
    return position < extents[axis]! - shift[axis]! ? 1 : 2;
  };
  const inside = gridCoordinates(window);
  const origins = gridCoordinates(extents.map((extent, i) => extent / window[i]!));
  const count = inside.length;
  const mask = new Float32Array(tableSize(origins.length, count, count));
  origins.forEach((origin, w) => {
    const regions = inside.map((offset) =>
      offset.reduce(
        (region, position, axis) => region * 3 + regionAlong(origin[axis]! * window[axis]! + position, axis),
        0,
      ),
    );
    regions.forEach((query, i) =>
      regions.forEach((key, j) => {
        if (query !== key) mask[(w * count + i) * count + j] = -100;
      }),
    );
  });
  return graph.constant({ dtype: "float32", shape: [origins.length, 1, count, count], data: mask });
}
