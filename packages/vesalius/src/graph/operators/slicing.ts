import { VesaliusError } from "../../common/errors.ts";
import { concat, full, pad, reshape, slice, split } from "../functions/index.ts";
import { formatShape, normalizeAxis } from "../shapes.ts";
import { allocate, bytesPerElement, elementCount } from "../../common/tensor.ts";
import type { GradientContext, Value } from "../value.ts";
import {
  constantIntegers,
  type FoldContext,
  type FoldRule,
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";
import { foldPositions, gridPositions, largestFold, offsets, strides, take } from "./fold.ts";

/** Start, end and step of each axis, clamped to the extents as ONNX says. */
export function sliceRanges(
  x: Value,
  inputs: readonly (Value | undefined)[],
): { start: number; step: number; count: number }[] {
  const what = "the bounds of a slice";
  const starts = constantIntegers(requireInput(inputs, 1, "Slice"), what)!;
  const ends = constantIntegers(requireInput(inputs, 2, "Slice"), what)!;
  const axes = constantIntegers(inputs[3], what) ?? starts.map((_, i) => i);
  const steps = constantIntegers(inputs[4], what) ?? starts.map(() => 1);
  const ranges = x.shape.map((extent) => ({ start: 0, step: 1, count: extent }));
  axes.forEach((given, i) => {
    const axis = normalizeAxis(given, x.rank);
    const extent = x.shape[axis]!;
    const step = steps[i]!;
    if (step === 0) throw new VesaliusError("bad-argument", "a slice needs a step other than 0");
    const last = step < 0 ? extent - 1 : extent;
    const clamp = (position: number, first: number): number =>
      Math.min(Math.max(position < 0 ? position + extent : position, first), last);
    const start = clamp(starts[i]!, 0);
    const end = clamp(ends[i]!, step < 0 ? -1 : 0);
    ranges[axis] = { start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
  });
  return ranges;
}

/** Scatters the gradient of a slice back: padding for positive steps, zero insertion for strides. */
function sliceGradient({ inputs, outputGradients }: GradientContext): readonly (Value | undefined)[] {
  const x = inputs[0]!;
  const ranges = sliceRanges(x, inputs);
  let dy = outputGradients[0]!;
  const others = inputs.slice(1).map(() => undefined);
  if (elementCount(dy.shape) === 0) return [full(x.graph, x.shape, 0, x.dtype), ...others];
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  ranges.forEach(({ start, step, count }, axis) => {
    const size = Math.abs(step);
    let first = start;
    if (step < 0) {
      dy = slice(dy, axis, -1, Number.MIN_SAFE_INTEGER, -1);
      first = start + (count - 1) * step;
    }
    if (size > 1) {
      // [n] -> [n, 1] padded to [n, size] -> [n * size], which puts size - 1 zeros after every element.
      const shape = dy.shape;
      const opened = reshape(dy, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
      const pads = Array.from({ length: opened.rank * 2 }, () => 0);
      pads[opened.rank + axis + 1] = size - 1;
      dy = reshape(pad(opened, pads), [...shape.slice(0, axis), shape[axis]! * size, ...shape.slice(axis + 1)]);
      const room = x.shape[axis]! - first;
      if (dy.shape[axis]! > room) dy = slice(dy, axis, 0, room);
    }
    before[axis] = first;
    after[axis] = x.shape[axis]! - first - dy.shape[axis]!;
  });
  return [pad(dy, [...before, ...after]), ...others];
}

const slicePositions = (x: Value, { inputs }: FoldContext): number[] => {
  const stride = strides(x.shape);
  return gridPositions(
    sliceRanges(x, inputs).map(({ start, step, count }, axis) => offsets(count, stride[axis]!, start, step)),
  );
};

const foldSplit: FoldRule = ([x], context) => {
  const source = context.inputs[0]!;
  const axis = normalizeAxis(numberAttribute(context.attributes, "axis", 0), source.rank);
  const stride = strides(source.shape);
  let start = 0;
  const parts = context.outputs.map(({ shape }) => {
    const grid = shape.map((extent, i) => offsets(extent, stride[i]!, i === axis ? start : 0));
    start += shape[axis]!;
    return elementCount(shape) > largestFold ? undefined : take(x!, shape, gridPositions(grid));
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
};

function splitSizes(x: Value, { inputs, attributes, outputCount }: InferenceContext, axis: number): readonly number[] {
  const given = listAttribute(attributes, "split") ?? constantIntegers(inputs[1], "the sizes of a split");
  if (given !== undefined) return given;
  const size = Math.ceil(x.shape[axis]! / outputCount);
  return Array.from({ length: outputCount }, (_, i) => Math.min(size, x.shape[axis]! - i * size));
}

const foldConcat: FoldRule = (inputs, { attributes, outputs }) => {
  const { dtype, shape } = outputs[0]!;
  const axis = normalizeAxis(numberAttribute(attributes, "axis", 0), shape.length);
  if (elementCount(shape) > largestFold || bytesPerElement(dtype) === 0.5) return undefined;
  const data = allocate(dtype, elementCount(shape));
  const to = data as ArrayLike<unknown> as unknown[];
  const stride = strides(shape);
  let start = 0;
  for (const x of inputs) {
    const from = x!.data as ArrayLike<unknown>;
    const grid = x!.shape.map((extent, i) => offsets(extent, stride[i]!, i === axis ? start : 0));
    gridPositions(grid).forEach((position, i) => (to[position] = from[i]));
    start += x!.shape[axis]!;
  }
  return [{ dtype, shape, data }];
};

/** Operators that cut tensors and join them. */
export const slicing: readonly OperatorDefinition[] = [
  {
    type: "Concat",
    sinceVersion: 13,
    infer: ({ inputs, attributes }) => {
      const first = requireInput(inputs, 0, "Concat");
      const axis = normalizeAxis(numberAttribute(attributes, "axis", 0), first.rank);
      for (const x of inputs)
        if (x!.rank !== first.rank || x!.shape.some((extent, i) => i !== axis && extent !== first.shape[i]))
          throw new VesaliusError(
            "shape-mismatch",
            `cannot join ${formatShape(first.shape)} and ${formatShape(x!.shape)} along axis ${axis}`,
          );
      const total = inputs.reduce((count, x) => count + x!.shape[axis]!, 0);
      return [{ dtype: first.dtype, shape: first.shape.map((extent, i) => (i === axis ? total : extent)) }];
    },
    gradient: ({ node, inputs, outputGradients }) => {
      const axis = normalizeAxis(numberAttribute(node.attributes, "axis", 0), inputs[0]!.rank);
      return split(
        outputGradients[0]!,
        inputs.map((x) => x!.shape[axis]!),
        axis,
      );
    },
    fold: foldConcat,
  },
  {
    type: "Split",
    sinceVersion: 13,
    fold: foldSplit,
    infer: (context) => {
      const x = requireInput(context.inputs, 0, "Split");
      const axis = normalizeAxis(numberAttribute(context.attributes, "axis", 0), x.rank);
      const sizes = splitSizes(x, context, axis);
      if (sizes.reduce((total, size) => total + size, 0) !== x.shape[axis])
        throw new VesaliusError("shape-mismatch", `parts ${formatShape(sizes)} do not add up to ${x.shape[axis]}`);
      return sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.map((extent, i) => (i === axis ? size : extent)) }));
    },
    gradient: ({ node, inputs, outputs, outputGradients }) => {
      const axis = normalizeAxis(numberAttribute(node.attributes, "axis", 0), inputs[0]!.rank);
      const parts = outputs.map((y, i) => outputGradients[i] ?? full(y.graph, y.shape, 0, y.dtype));
      return [concat(parts, axis), ...inputs.slice(1).map(() => undefined)];
    },
  },
  {
    type: "Slice",
    sinceVersion: 13,
    infer: ({ inputs }) => {
      const x = requireInput(inputs, 0, "Slice");
      return [{ dtype: x.dtype, shape: sliceRanges(x, inputs).map(({ count }) => count) }];
    },
    gradient: sliceGradient,
    fold: foldPositions(slicePositions),
  },
];
