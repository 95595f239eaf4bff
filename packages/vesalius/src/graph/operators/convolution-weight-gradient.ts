import { concat, gather, matMul, reduceSum, reshape, sliceAxes, spaceToDepth, transpose } from "../functions/index.ts";
import { elementCount, tensor } from "../tensor.ts";
import type { Value } from "../value.ts";
import { convolve } from "./convolution-input-gradient.ts";
import { cropSpatial, padSpatial, range } from "./spatial-axes.ts";
import { tilesImage, type Windows } from "./windows.ts";

/** Fewest input channels of a group from which a matrix product for each kernel position pays. */
const fewestChannels = 16;
/** Most elements that what a convolution unfolds or stacks may take. */
const largestUnfolding = 2 ** 25;
/**
 * Elements from row to row at whose multiples rows fall on the same lines of the cache (64 KiB), which slows products
 * down by a third.
 */
const aliasing = 2 ** 14;
/** Most output channels of a group for which stacking pays: products of more have their full rate already. */
const mostStacked = 128;

/**
 * d loss / d weight of a convolution, the way chosen by shape from measurements with ONNX Runtime 1.30.
 *
 * @param x `[batch, inChannels, ...]`
 * @param dy `[batch, outChannels, ...]`
 * @returns `[outChannels, inChannels / groups, ...kernel]`
 */
export function weightGradient(x: Value, dy: Value, windows: Windows, groups: number): Value {
  const { kernel, strides } = windows;
  if (groups === 1 && tilesImage(windows)) return byTiles(x, dy, windows);
  const positions = elementCount(kernel);
  if (x.shape[1]! / groups >= fewestChannels || positions === 1) {
    const weights = x.shape[1]! * dy.shape[1]! * positions;
    if (groups === 1 && kernel.length === 2 && elementCount(x.shape) + elementCount(dy.shape) < x.shape[0]! * weights)
      return withBatchAsAxis(x, dy, windows);
    const stacks =
      positions > kernel.at(-1)! &&
      strides.slice(0, -1).every((stride) => stride === 1) &&
      dy.shape[1]! / groups <= mostStacked;
    return stacks ? byRows(x, dy, windows, groups) : byPosition(x, dy, windows, groups, false);
  }
  const unfolded = x.shape[0]! * x.shape[1]! * positions * elementCount(dy.shape.slice(2));
  return strides.every((stride) => stride === 1) && unfolded <= largestUnfolding
    ? byPosition(x, dy, windows, groups, true)
    : byConvolution(x, dy, windows, groups);
}

/** Sum over the batch of products of the gradient `[batch, groups, a, n]` with columns `[batch, groups, b, n]`. */
const productSum = (gradient: Value, columns: Value): Value =>
  reduceSum(matMul(gradient, transpose(columns, [0, 1, 3, 2])), [0], { keepDimensions: false });

/**
 * With the batch as one more axis that the kernel does not move along: one product over all samples in place of one
 * each and their sum. For images so small that moving them costs less than summing weights.
 */
function withBatchAsAxis(x: Value, dy: Value, windows: Windows): Value {
  const { kernel, strides, dilations, before, after } = windows;
  const moved = (value: Value): Value => {
    const [batch, channels, ...extents] = value.shape as [number, number, ...number[]];
    return reshape(transpose(value, [1, 0, ...range(extents.length, 2)]), [1, channels, batch, ...extents]);
  };
  const still = { kernel: [1, ...kernel], strides: [1, ...strides], dilations: [1, ...dilations] };
  const dw = weightGradient(moved(x), moved(dy), { ...still, before: [0, ...before], after: [0, ...after] }, 1);
  return reshape(dw, [dy.shape[1]!, x.shape[1]!, ...kernel]);
}

/** Windows side by side: pixels of a block become channels, and one product is all. */
function byTiles(x: Value, dy: Value, { kernel }: Windows): Value {
  const [batch, outChannels, ...counts] = dy.shape as [number, number, ...number[]];
  const [size, length] = [kernel[0]!, elementCount(counts)];
  const whole = cropSpatial(
    x,
    counts.map((count) => count * size),
  );
  const columns = reshape(spaceToDepth(whole, size), [batch, 1, elementCount(kernel) * x.shape[1]!, length]);
  const flat = productSum(reshape(dy, [batch, 1, outChannels, length]), columns);
  return transpose(reshape(flat, [outChannels, ...kernel, x.shape[1]!]), [0, 3, 1, 2]);
}

/** Where the padded input is cut for each kernel position, the last axis fastest. */
const cutsOf = ({ kernel, strides, dilations }: Windows, counts: readonly number[]) =>
  range(elementCount(kernel)).map((position) =>
    unravel(position, kernel).map((at, axis) => {
      const start = at * dilations[axis]!;
      return { axis: axis + 2, start, end: start + (counts[axis]! - 1) * strides[axis]! + 1, step: strides[axis]! };
    }),
  );

/**
 * One product for each position of the kernel, with what it sees of the padded input; or, where channels are so few
 * that products would be thin, one with all of that unfolded.
 */
function byPosition(x: Value, dy: Value, windows: Windows, groups: number, unfold: boolean): Value {
  const { kernel, before, after } = windows;
  const [batch, channels, outChannels] = [x.shape[0]!, x.shape[1]! / groups, dy.shape[1]! / groups];
  const counts = dy.shape.slice(2);
  const length = elementCount(counts);
  const padded = padSpatial(x, before, after);
  const seen = cutsOf(windows, counts).map((cuts) =>
    reshape(sliceAxes(padded, cuts), [batch, groups, channels, length]),
  );
  const gradient = reshape(dy, [batch, groups, outChannels, length]);
  // [groups, outChannels, positions * channels], positions first.
  const flat = unfold
    ? productSum(gradient, concat(seen, 2))
    : concat(
        seen.map((columns) => productSum(gradient, columns)),
        2,
      );
  const ordered = transpose(reshape(flat, [groups, outChannels, elementCount(kernel), channels]), [0, 1, 3, 2]);
  return reshape(ordered, [groups * outChannels, channels, ...kernel]);
}

/**
 * One product for each position along the last axis: the gradient is stacked once for each position along the others,
 * its rows moved by as many, and the input is moved along the last. The engine gathers rows with all threads, where it
 * cuts with one, and computes products of more rows at a higher rate where channels are few.
 */
function byRows(x: Value, dy: Value, windows: Windows, groups: number): Value {
  const { kernel } = windows;
  const [batch, channels, outChannels] = [x.shape[0]!, x.shape[1]! / groups, dy.shape[1]! / groups];
  const counts = dy.shape.slice(2);
  const width = counts.pop()!;
  const extents = x.shape.slice(2, -1);
  const spare = (elementCount(extents) * width) % aliasing === 0 ? 1 : 0;
  const rows = elementCount(extents) + spare;
  const meets = metRows(windows, extents, counts, rows);
  const stack = meets.length / rows;
  const withZero = padSpatial(reshape(dy, [batch, groups * outChannels, elementCount(counts), width]), [0, 0], [1, 0]);
  const stacked = gather(withZero, x.graph.constant(tensor("int32", [stack, rows], meets)), 2);
  const gradient = reshape(stacked, [batch, groups, outChannels * stack, rows * width]);
  const lines = reshape(x, [batch, groups * channels, rows - spare, x.shape.at(-1)!]);
  const parts = range(kernel.at(-1)!).map((position) =>
    productSum(
      gradient,
      reshape(seenAlongLast(lines, windows, position, [rows, width]), [batch, groups, channels, rows * width]),
    ),
  );
  const ordered = reshape(concat(parts, 2), [groups * outChannels, ...kernel, channels]);
  return transpose(ordered, [0, kernel.length + 1, ...range(kernel.length, 1)]);
}

/**
 * What a position of the kernel along the last axis sees of lines `[..., lines, extent]`, zero beyond them.
 *
 * @param shape `[rows, width]` of the result, rows no fewer than there are lines
 */
function seenAlongLast(
  lines: Value,
  { strides, dilations, before }: Windows,
  position: number,
  [rows, width]: readonly [number, number],
): Value {
  const [count, extent] = lines.shape.slice(-2) as [number, number];
  const step = strides.at(-1)!;
  const start = position * dilations.at(-1)! - before.at(-1)!;
  const end = start + (width - 1) * step + 1;
  // Only padding is seen; a crop of more than there is would be an error.
  if (start >= extent || end <= 0) return lines.graph.filled([...lines.shape.slice(0, -2), rows, width], 0);
  const moved = padSpatial(lines, [0, -start], [rows - count, end - extent]);
  return sliceAxes(moved, [{ axis: 3, start: 0, end: end - start, step }]);
}

/**
 * Rows of the gradient that the rows of the input meet at each position of the kernel, over all axes but the last, with
 * strides of 1; the number of rows, where there is none.
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
  const positions = kernel.slice(0, -1);
  return Int32Array.from({ length: elementCount(positions) * rows }, (_, i) => {
    const position = unravel(Math.floor(i / rows), positions);
    const met = unravel(i % rows, extents).map((row, axis) => row + before[axis]! - position[axis]! * dilations[axis]!);
    const isMet = i % rows < elementCount(extents) && met.every((row, axis) => row >= 0 && row < counts[axis]!);
    return isMet ? met.reduce((flat, row, axis) => flat * counts[axis]! + row, 0) : elementCount(counts);
  });
}

/** The index of an element of a shape from its place, the last axis fastest. */
function unravel(place: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = place; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** A convolution of the input with the gradient as kernel, batch and channels exchanged; strides become dilations. */
function byConvolution(x: Value, dy: Value, windows: Windows, groups: number): Value {
  const { kernel, strides, dilations, before, after } = windows;
  const [batch, channels] = [x.shape[0]!, x.shape[1]! / groups];
  const rank = kernel.length;
  const grouped = reshape(x, [batch, groups, channels, ...x.shape.slice(2)]);
  const exchanged = reshape(transpose(grouped, [2, 1, 0, ...range(rank, 3)]), [
    channels,
    groups * batch,
    ...x.shape.slice(2),
  ]);
  const gradientAsKernel = transpose(dy, [1, 0, ...range(rank, 2)]);
  const dw = convolve(
    exchanged,
    gradientAsKernel,
    { strides: dilations, dilations: strides, before, after },
    groups,
    kernel,
  );
  return transpose(dw, [1, 0, ...range(rank, 2)]);
}
