import { concat, reshape, sliceAxes, spaceToDepth, transpose } from "../functions/index.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { convolve } from "./convolution-input-gradient.ts";
import { cropSpatial, padSpatial, range, unravel } from "./spatial-axes.ts";
import { productSum, stackedWeightGradient } from "./stacked-weight-gradient.ts";
import { areTiles, type Windows } from "./windows.ts";

/** Fewest input channels of a group from which a matrix product for each kernel position pays. */
const fewestChannels = 16;
/** Most elements of a tile that pays with fewer channels than that. */
const mostThinTiles = 16;
/** Most elements that the unfolded input of a convolution may take. */
const largestUnfolding = 2 ** 24;
/** Most elements of a gradient that is stacked along more than one axis. */
const largestStack = 2 ** 25;
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
  const positions = elementCount(kernel);
  const isWide = x.shape[1]! / groups >= fewestChannels;
  if (groups === 1 && areTiles(windows) && (isWide || positions <= mostThinTiles)) return byTiles(x, dy, windows);
  if (isWide || positions === 1) {
    const weights = x.shape[1]! * dy.shape[1]! * positions;
    if (groups === 1 && kernel.length === 2 && elementCount(x.shape) + elementCount(dy.shape) < x.shape[0]! * weights)
      return withBatchAsAxis(x, dy, windows);
    const stacks =
      positions > kernel.at(-1)! &&
      strides.slice(0, -1).every((stride) => stride === 1) &&
      dy.shape[1]! / groups <= mostStacked;
    if (!stacks) return byPosition(x, dy, windows, groups, false);
    const fits = elementCount(dy.shape) * elementCount(kernel.slice(0, -1)) <= largestStack;
    return stackedWeightGradient(x, dy, windows, groups, fits ? kernel.length - 1 : 1);
  }
  const unfolded = x.shape[0]! * x.shape[1]! * positions * elementCount(dy.shape.slice(2));
  return strides.every((stride) => stride === 1) && unfolded <= largestUnfolding
    ? byPosition(x, dy, windows, groups, true)
    : byConvolution(x, dy, windows, groups);
}

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

/** Windows side by side: the elements of each become channels, and one product is all. */
function byTiles(x: Value, dy: Value, { kernel }: Windows): Value {
  const [batch, outChannels, ...counts] = dy.shape as [number, number, ...number[]];
  const whole = cropSpatial(
    x,
    counts.map((count, i) => count * kernel[i]!),
  );
  const gradient = reshape(dy, [batch, 1, outChannels, elementCount(counts)]);
  const flat = productSum(gradient, tilesAsChannels(whole, kernel, counts));
  return transpose(reshape(flat, [outChannels, ...kernel, x.shape[1]!]), [
    0,
    kernel.length + 1,
    ...range(kernel.length, 1),
  ]);
}

/** Tiles of images or volumes `[batch, channels, ...]` as `[batch, 1, positions * channels, tiles]`. */
function tilesAsChannels(x: Value, kernel: readonly number[], counts: readonly number[]): Value {
  const [batch, channels] = x.shape as [number, number];
  const [height, width] = x.shape.slice(-2) as [number, number];
  const size = kernel.at(-1)!;
  const [deep, depth] = kernel.length === 3 ? [kernel[0]!, counts[0]!] : [1, 1];
  const inPlanes = spaceToDepth(reshape(x, [batch, channels * depth * deep, height, width]), size);
  const area = elementCount(counts.slice(-2));
  const opened = reshape(inPlanes, [batch, size * size, channels, depth, deep, area]);
  const ordered = deep === 1 ? opened : transpose(opened, [0, 4, 1, 2, 3, 5]);
  return reshape(ordered, [batch, 1, elementCount(kernel) * channels, depth * area]);
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
