import { int, ints } from "../attributes.ts";
import { emit } from "../emit.ts";
import { flip, matMul, reshape, transpose } from "../functions/index.ts";
import { elementCount, tensor } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { cropSpatial, padSpatial, range } from "./spatial-axes.ts";
import { reach, type Windows } from "./windows.ts";

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

/** Most positions of a kernel that is reversed by a product, for which a matrix of their square is needed. */
const mostExchanged = 64;

/**
 * Reverses the kernel `[a, b, ...kernel]` along every axis. The engine's slices with negative steps go element by
 * element, on one thread: for small kernels a product with the matrix that exchanges positions takes half the time, and
 * is exact for finite weights.
 */
function flipKernel(weight: Value): Value {
  const positions = elementCount(weight.shape.slice(2));
  if (weight.dtype !== "float32" || positions > mostExchanged) return flip(weight, range(weight.rank - 2, 2));
  const exchange = new Float32Array(positions ** 2);
  for (let i = 0; i < positions; i++) exchange[i * positions + positions - 1 - i] = 1;
  const flat = reshape(weight, [weight.shape[0]! * weight.shape[1]!, positions]);
  return reshape(
    matMul(flat, weight.graph.constant(tensor("float32", [positions, positions], exchange))),
    weight.shape,
  );
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
  const { strides, dilations, before, after } = windows;
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
  const flipped = swapChannels(flipKernel(weight), groups);
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
    flipKernel(phases),
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
