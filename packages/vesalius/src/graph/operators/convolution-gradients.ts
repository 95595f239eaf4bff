import { int, ints } from "../attributes.ts";
import { emit } from "../emit.ts";
import { concat, flip, gather, matMul, pad, reduceSum, reshape, sliceAxes, transpose } from "../functions/index.ts";
import { elementCount, tensor } from "../tensor.ts";
import type { Value } from "../value.ts";
import { reach, type Windows } from "./windows.ts";

const range = (count: number, start = 0): number[] => Array.from({ length: count }, (_, i) => start + i);

/** Pads the spatial axes of `[batch, channels, ...]`; negative counts crop. */
const padSpatial = (x: Value, before: readonly number[], after: readonly number[]): Value =>
  pad(x, [0, 0, ...before, 0, 0, ...after]);

/** Cuts the spatial axes of `[batch, channels, ...]` to extents, from a start on. */
const cropSpatial = (x: Value, extents: readonly number[], starts: readonly number[] = extents.map(() => 0)): Value =>
  sliceAxes(
    x,
    extents.map((extent, i) => ({ axis: i + 2, start: starts[i]!, end: starts[i]! + extent })),
  );

/** A convolution with given windows, cut to the extents that are wanted. */
export function convolve(
  x: Value,
  weight: Value,
  { strides, dilations, before, after }: Omit<Windows, "kernel">,
  groups: number,
  extents: readonly number[],
): Value {
  const y = emit("Conv", [x, weight], {
    strides: ints(strides),
    dilations: ints(dilations),
    pads: ints([...before, ...after]),
    group: int(groups),
  });
  return cropSpatial(y, extents);
}

/** `[groups * a, b, ...kernel]` to `[groups * b, a, ...kernel]`, transposing inside each group. */
function swapChannels(weight: Value, groups: number): Value {
  const [a, b] = [weight.shape[0]! / groups, weight.shape[1]!];
  const kernel = weight.shape.slice(2);
  const grouped = reshape(weight, [groups, a, b, ...kernel]);
  return reshape(transpose(grouped, [0, 2, 1, ...range(kernel.length, 3)]), [groups * b, a, ...kernel]);
}

/**
 * d loss / d input of a convolution.
 *
 * With stride 1 it is a convolution with the flipped weight, which runs several times faster in ONNX Runtime than a
 * transposed convolution.
 *
 * @param dy `[batch, outChannels, ...]`
 * @param weight `[outChannels, inChannels / groups, ...kernel]`
 * @param shape of the input
 */
export function inputGradient(
  dy: Value,
  weight: Value,
  shape: readonly number[],
  windows: Windows,
  groups: number,
): Value {
  const extents = shape.slice(2);
  const { kernel, strides, dilations, before, after } = windows;
  if (strides.some((stride) => stride !== 1)) {
    if (extents.length === 3 && groups === 1 && dilations.every((dilation) => dilation === 1))
      return phaseGradient(dy, weight, extents, windows);
    // What the last window leaves over at the end gets no gradient: ConvTranspose calls it output padding.
    const rest = extents.map(
      (extent, i) => extent + before[i]! + after[i]! - (dy.shape[i + 2]! - 1) * strides[i]! - reach(windows, i),
    );
    return emit("ConvTranspose", [dy, weight], {
      strides: ints(strides),
      dilations: ints(dilations),
      pads: ints([...before, ...after]),
      output_padding: ints(rest),
      group: int(groups),
    });
  }
  const flipped = flip(swapChannels(weight, groups), range(kernel.length, 2));
  const margins = extents.map((_, i) => reach(windows, i) - 1);
  const front = margins.map((margin, i) => margin - before[i]!);
  const back = margins.map((margin, i) => margin - after[i]!);
  // A padding wider than the kernel's reach comes back as a crop.
  const cropped = padSpatial(
    dy,
    front.map((count) => Math.min(count, 0)),
    back.map((count) => Math.min(count, 0)),
  );
  const positive = (counts: readonly number[]): number[] => counts.map((count) => Math.max(count, 0));
  return convolve(
    cropped,
    flipped,
    { strides, dilations, before: positive(front), after: positive(back) },
    groups,
    extents,
  );
}

/**
 * Input gradient of a strided convolution by phases: input elements of the same position modulo the stride see the
 * same part of the kernel, so one convolution of stride 1 with `channels * strides` outputs computes all of them, and
 * they are interleaved afterwards. ONNX Runtime's transposed convolution in three dimensions is slower.
 */
function phaseGradient(
  dy: Value,
  weight: Value,
  extents: readonly number[],
  { kernel, strides, before }: Windows,
): Value {
  const rank = kernel.length;
  const [outChannels, channels] = weight.shape as [number, number];
  const steps = kernel.map((extent, i) => Math.ceil(extent / strides[i]!));
  const padded = padSpatial(
    weight,
    kernel.map(() => 0),
    kernel.map((extent, i) => steps[i]! * strides[i]! - extent),
  );
  const opened = reshape(padded, [outChannels, channels, ...range(rank).flatMap((i) => [steps[i]!, strides[i]!])]);
  const byPhase = transpose(opened, [...range(rank).map((i) => 3 + 2 * i), 1, 0, ...range(rank).map((i) => 2 + 2 * i)]);
  const phases = reshape(byPhase, [elementCount(strides) * channels, outChannels, ...steps]);
  const margins = steps.map((count) => count - 1);
  const counts = margins.map((margin, i) => dy.shape[i + 2]! + margin);
  const parts = convolve(
    dy,
    flip(phases, range(rank, 2)),
    { strides: strides.map(() => 1), dilations: strides.map(() => 1), before: margins, after: margins },
    1,
    counts,
  );
  const batch = dy.shape[0]!;
  const separate = reshape(parts, [batch, ...strides, channels, ...counts]);
  const interleaved = transpose(separate, [0, 1 + rank, ...range(rank).flatMap((i) => [2 + rank + i, 1 + i])]);
  const full = reshape(interleaved, [batch, channels, ...counts.map((count, i) => count * strides[i]!)]);
  const missing = extents.map((extent, i) => Math.max(0, before[i]! + extent - full.shape[i + 2]!));
  const long = padSpatial(
    full,
    extents.map(() => 0),
    missing,
  );
  return cropSpatial(long, extents, before);
}

/** Fewest input channels of a group from which a matrix product for each kernel position pays. */
const fewestChannels = 16;
/** Most elements that the unfolded input of a convolution may take. */
const largestUnfolding = 2 ** 24;
/** Fewest rows from which stacking pays: with fewer, those that are added weigh too much. */
const fewestRows = 16;
/** Most output channels of a group for which stacking pays: products of more have their full rate already. */
const mostStacked = 128;

/**
 * d loss / d weight of a convolution.
 *
 * Four ways, chosen by shape from measurements with ONNX Runtime 1.30: one matrix product for each position of the
 * kernel; one for each position along the axes after the first, where there are rows enough and few channels; all of
 * them as one product with the unfolded input, where a group has very few channels; and a convolution that takes the
 * gradient as its kernel, where there are few channels and strides, or unfolding takes too much memory.
 *
 * @param x `[batch, inChannels, ...]`
 * @param dy `[batch, outChannels, ...]`
 * @returns `[outChannels, inChannels / groups, ...kernel]`
 */
export function weightGradient(x: Value, dy: Value, windows: Windows, groups: number): Value {
  const { kernel, strides } = windows;
  const positions = elementCount(kernel);
  if (x.shape[1]! / groups >= fewestChannels || positions === 1) {
    const stacks =
      kernel.length > 1 &&
      kernel[0]! > 1 &&
      strides[0] === 1 &&
      dy.shape[2]! >= fewestRows &&
      dy.shape[1]! / groups <= mostStacked;
    return stacks
      ? weightGradientByRows(x, dy, windows, groups)
      : weightGradientByPosition(x, dy, windows, groups, false);
  }
  const unfolded = x.shape[0]! * x.shape[1]! * positions * elementCount(dy.shape.slice(2));
  return strides.every((stride) => stride === 1) && unfolded <= largestUnfolding
    ? weightGradientByPosition(x, dy, windows, groups, true)
    : weightGradientByConvolution(x, dy, windows, groups);
}

/** Where the padded input is cut for each kernel position, the last axis fastest, on the spatial axes from `first` on. */
const cutsOf = ({ kernel, strides, dilations }: Windows, counts: readonly number[], first: number) =>
  range(elementCount(kernel.slice(first))).map((flat) => {
    let rest = flat;
    return range(counts.length).map((i) => {
      const axis = kernel.length - 1 - i;
      const start = (rest % kernel[axis]!) * dilations[axis]!;
      rest = Math.floor(rest / kernel[axis]!);
      const count = counts[axis - first]!;
      return { axis: axis + 2, start, end: start + (count - 1) * strides[axis]! + 1, step: strides[axis]! };
    });
  });

/** Matrix products of the gradient with what each kernel position sees of the padded input. */
function weightGradientByPosition(x: Value, dy: Value, windows: Windows, groups: number, unfold: boolean): Value {
  const { kernel, before, after } = windows;
  const [batch, channels, outChannels] = [x.shape[0]!, x.shape[1]! / groups, dy.shape[1]! / groups];
  const counts = dy.shape.slice(2);
  const length = elementCount(counts);
  const padded = padSpatial(x, before, after);
  const positions = elementCount(kernel);
  const seen = cutsOf(windows, counts, 0).map((cuts) =>
    reshape(sliceAxes(padded, cuts), [batch, groups, channels, length]),
  );
  const gradient = reshape(dy, [batch, groups, outChannels, length]);
  const product = (columns: Value): Value =>
    reduceSum(matMul(gradient, transpose(columns, [0, 1, 3, 2])), [0], { keepDimensions: false });
  // [groups, outChannels, positions * channels], positions first.
  const flat = unfold ? product(concat(seen, 2)) : concat(seen.map(product), 2);
  const ordered = transpose(reshape(flat, [groups, outChannels, positions, channels]), [0, 1, 3, 2]);
  return reshape(ordered, [groups * outChannels, channels, ...kernel]);
}

/**
 * As `weightGradientByPosition`, with one product for all positions along the first axis: the gradient is stacked once
 * for each of them, moved by as many rows. A third of the cuts through the input for a kernel of 3, and products of
 * three times as many rows, which the engine computes at a higher rate where channels are few.
 */
function weightGradientByRows(x: Value, dy: Value, windows: Windows, groups: number): Value {
  const { kernel, dilations, before, after } = windows;
  const [batch, channels, outChannels] = [x.shape[0]!, x.shape[1]! / groups, dy.shape[1]! / groups];
  const [height, ...others] = dy.shape.slice(2) as [number, ...number[]];
  const padded = padSpatial(x, before, after);
  const rows = padded.shape[2]!;
  const length = rows * elementCount(others);
  // Row r of the input meets row r - k * dilation of the gradient; the row behind its last one is zero.
  const meets = range(kernel[0]! * rows).map((i) => {
    const row = (i % rows) - Math.floor(i / rows) * dilations[0]!;
    return row >= 0 && row < height ? row : height;
  });
  const none = others.map(() => 0);
  const withZero = padSpatial(dy, [0, ...none], [1, ...none]);
  const stacked = gather(withZero, x.graph.constant(tensor("int32", [kernel[0]!, rows], Int32Array.from(meets))), 2);
  const gradient = reshape(stacked, [batch, groups, outChannels * kernel[0]!, length]);
  const parts = cutsOf(windows, others, 1).map((cuts) => {
    const columns = reshape(sliceAxes(padded, cuts), [batch, groups, channels, length]);
    return reduceSum(matMul(gradient, transpose(columns, [0, 1, 3, 2])), [0], { keepDimensions: false });
  });
  const ordered = reshape(concat(parts, 2), [groups * outChannels, ...kernel, channels]);
  return transpose(ordered, [0, kernel.length + 1, ...range(kernel.length, 1)]);
}

/** Convolution of the input with the gradient as kernel, batch and channels exchanged; strides become dilations. */
function weightGradientByConvolution(x: Value, dy: Value, windows: Windows, groups: number): Value {
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
