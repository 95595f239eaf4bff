import { concat, gather, matMul, reduceSum, reshape, sliceAxes, transpose } from "../functions/index.ts";
import { elementCount, tensor } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { padSpatial, range, unravel } from "./spatial-axes.ts";
import type { Windows } from "./windows.ts";

/**
 * Elements from row to row at whose multiples rows fall on the same lines of the cache (64 KiB), which slows products
 * down by a third.
 */
const aliasing = 2 ** 14;

/** Sum over the batch of products of the gradient `[batch, groups, a, n]` with columns `[batch, groups, b, n]`. */
export function productSum(gradient: Value, columns: Value): Value {
  const products = matMul(gradient, transpose(columns, [0, 1, 3, 2]));
  return products.shape[0] === 1
    ? reshape(products, products.shape.slice(1))
    : reduceSum(products, [0], { keepDimensions: false });
}

/**
 * d loss / d weight of a convolution by one product for each position along the last axes of the kernel: the gradient is
 * stacked once for each position along the first ones, its rows moved by as many, and the input is moved along the
 * others. The engine gathers rows with all threads, where it cuts with one, and computes products of more rows at a
 * higher rate where channels are few.
 *
 * @param x `[batch, inChannels, ...]`
 * @param dy `[batch, outChannels, ...]`
 * @param axes how many of the spatial axes are stacked, at least one and not all; their strides are 1
 * @returns `[outChannels, inChannels / groups, ...kernel]`
 */
export function stackedWeightGradient(x: Value, dy: Value, windows: Windows, groups: number, axes: number): Value {
  const { kernel } = windows;
  const [batch, channels, outChannels] = [x.shape[0]!, x.shape[1]! / groups, dy.shape[1]! / groups];
  const [extents, counts] = [x.shape.slice(2), dy.shape.slice(2)];
  const [stacked, widths] = [counts.slice(0, axes), counts.slice(axes)];
  const lines = elementCount(extents.slice(0, axes));
  const rows = lines + ((lines * elementCount(widths)) % aliasing === 0 ? 1 : 0);
  const meets = metRows(windows, extents.slice(0, axes), stacked, rows);
  const positions = meets.length / rows;
  const length = rows * elementCount(widths);
  const inRows = reshape(dy, [batch, groups * outChannels, elementCount(stacked), ...widths]);
  const none = widths.map(() => 0);
  const withZero = padSpatial(inRows, [0, ...none], [1, ...none]);
  const moved = gather(withZero, x.graph.constant(tensor("int32", [positions, rows], meets)), 2);
  const gradient = reshape(moved, [batch, groups, outChannels * positions, length]);
  const inLines = reshape(x, [batch, groups * channels, lines, ...extents.slice(axes)]);
  const parts = range(elementCount(kernel.slice(axes))).map((place) => {
    const seen = seenFrom(inLines, windows, unravel(place, kernel.slice(axes)), [rows, ...widths]);
    return productSum(gradient, reshape(seen, [batch, groups, channels, length]));
  });
  const ordered = reshape(concat(parts, 2), [groups * outChannels, ...kernel, channels]);
  return transpose(ordered, [0, kernel.length + 1, ...range(kernel.length, 1)]);
}

/**
 * What a position of the kernel along the last axes sees of lines `[batch, channels, lines, ...extents]`, zero beyond
 * them.
 *
 * @param shape `[rows, ...widths]` of the result, rows no fewer than there are lines
 */
function seenFrom(
  lines: Value,
  { strides, dilations, before }: Windows,
  position: readonly number[],
  [rows, ...widths]: readonly [number, ...number[]],
): Value {
  const extents = lines.shape.slice(3);
  const axes = strides.length - extents.length;
  const starts = position.map((at, i) => at * dilations[axes + i]! - before[axes + i]!);
  const ends = starts.map((start, i) => start + (widths[i]! - 1) * strides[axes + i]! + 1);
  // Only padding is seen; a crop of more than there is would be an error.
  if (starts.some((start, i) => start >= extents[i]! || ends[i]! <= 0))
    return lines.graph.filled([...lines.shape.slice(0, 2), rows, ...widths], 0);
  const behind = [rows - lines.shape[2]!, ...ends.map((end, i) => end - extents[i]!)];
  const moved = padSpatial(lines, [0, ...starts.map((start) => -start)], behind);
  return sliceAxes(
    moved,
    starts.map((start, i) => ({ axis: 3 + i, start: 0, end: ends[i]! - start, step: strides[axes + i]! })),
  );
}

/**
 * Rows of the gradient that the rows of the input meet at each position of the kernel, over the stacked axes; the number
 * of rows, where there is none.
 *
 * @param rows of each position, no fewer than the input has
 * @returns `[positions * rows]`
 */
function metRows(
  { kernel, dilations, before }: Windows,
  extents: readonly number[],
  counts: readonly number[],
  rows: number,
): Int32Array {
  const stacked = kernel.slice(0, extents.length);
  return Int32Array.from({ length: elementCount(stacked) * rows }, (_, i) => {
    const position = unravel(Math.floor(i / rows), stacked);
    const met = unravel(i % rows, extents).map((row, axis) => row + before[axis]! - position[axis]! * dilations[axis]!);
    const isMet = i % rows < elementCount(extents) && met.every((row, axis) => row >= 0 && row < counts[axis]!);
    return isMet ? met.reduce((flat, row, axis) => flat * counts[axis]! + row, 0) : elementCount(counts);
  });
}
