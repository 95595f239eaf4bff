import { VesaliusError } from "../../common/errors.ts";
import { concat, full, pad, reduceSum, reshape, slice, split, transpose } from "../functions/index.ts";
import { broadcastShapes, formatShape, normalizeAxis } from "../shapes.ts";
import { allocate, bytesPerElement, elementCount } from "../tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import { inferUnary, unbroadcast } from "./arithmetic.ts";
import {
  constantIntegers,
  type FoldContext,
  type FoldRule,
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
  stringAttribute,
} from "./definition.ts";
import { addAlong } from "./indexing.ts";
import { broadcastPositions, gridPositions, largestFold, offsets, strides, take } from "./fold.ts";

const reshapeGradient = ({ inputs, outputGradients }: GradientContext): readonly (Value | undefined)[] => [
  reshape(outputGradients[0]!, inputs[0]!.shape),
  ...inputs.slice(1).map(() => undefined),
];

const keepData: FoldRule = ([x], { outputs }) => [{ ...x!, shape: outputs[0]!.shape }];

/** Fold of an operator whose output is a grid of positions in its first input. */
const foldPositions =
  (positions: (x: Value, context: FoldContext) => readonly number[]): FoldRule =>
  ([x], context) => {
    const { shape } = context.outputs[0]!;
    if (elementCount(shape) > largestFold) return undefined;
    const taken = take(x!, shape, positions(context.inputs[0]!, context));
    return taken && [taken];
  };

function reshaping(
  type: string,
  sinceVersion: number,
  shapeOf: (x: Value, context: InferenceContext) => readonly number[],
): OperatorDefinition {
  return {
    type,
    sinceVersion,
    infer: (context) => {
      const x = requireInput(context.inputs, 0, type);
      const shape = shapeOf(x, context);
      if (elementCount(shape) !== elementCount(x.shape))
        throw new VesaliusError(
          "shape-mismatch",
          `${formatShape(x.shape)} does not hold as many elements as ${formatShape(shape)}`,
        );
      return [{ dtype: x.dtype, shape }];
    },
    gradient: reshapeGradient,
    fold: keepData,
  };
}

/** Axes given as an input (opset 13 and later) or as an attribute. */
const axesOf = ({ inputs, attributes }: InferenceContext): readonly number[] | undefined =>
  listAttribute(attributes, "axes") ?? constantIntegers(inputs[1], "the axes");

function requestedShape(x: Value, { inputs, attributes }: InferenceContext): readonly number[] {
  const request = constantIntegers(requireInput(inputs, 1, "Reshape"), "the shape of a reshape")!;
  const keepZero = numberAttribute(attributes, "allowzero", 0) === 1;
  const shape = request.map((extent, axis) => (extent === 0 && !keepZero ? x.shape[axis]! : extent));
  const open = shape.indexOf(-1);
  if (open >= 0) shape[open] = elementCount(x.shape) / elementCount(shape.filter((_, axis) => axis !== open));
  return shape;
}

const permutationOf = (x: Value, attributes: Attributes): readonly number[] =>
  listAttribute(attributes, "perm") ?? Array.from({ length: x.rank }, (_, i) => x.rank - 1 - i);

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

/** Where each element of a padded axis comes from, for the modes that repeat the input. */
function paddedFrom(mode: string, extent: number, before: number, count: number): number[] {
  const wrap = (position: number, period: number): number => ((position % period) + period) % period;
  return Array.from({ length: count }, (_, i) => {
    const position = i - before;
    if (mode === "edge") return Math.min(Math.max(position, 0), extent - 1);
    if (mode === "wrap") return wrap(position, extent);
    const bounced = wrap(position, Math.max(2 * extent - 2, 1));
    return bounced < extent ? bounced : 2 * extent - 2 - bounced;
  });
}

/** Undoes a constant padding by a slice; negative pads (crops) come back as padding. */
function padGradient({ inputs, outputs, outputGradients, node }: GradientContext): readonly (Value | undefined)[] {
  const x = inputs[0]!;
  const pads = fullPads(x, inputs);
  const mode = stringAttribute(node.attributes, "mode", "constant");
  if (mode !== "constant") {
    const gathered = x.shape.reduce((dy, extent, axis) => {
      const from = paddedFrom(mode, extent, pads[axis]!, outputs[0]!.shape[axis]!);
      const kept = from.length === extent && from.every((position, i) => position === i);
      const shape = dy.shape.map((count, i) => (i === axis ? extent : count));
      return kept ? dy : addAlong(dy, x.graph.int64(from), shape, axis);
    }, outputGradients[0]!);
    return [gathered, ...inputs.slice(1).map(() => undefined)];
  }
  let dx = outputGradients[0]!;
  const inverse = pads.map((count) => -count);
  if (inverse.some((count) => count > 0))
    dx = pad(
      dx,
      inverse.map((count) => Math.max(count, 0)),
    );
  x.shape.forEach((extent, axis) => {
    const start = Math.max(pads[axis]!, 0);
    if (dx.shape[axis] !== extent) dx = slice(dx, axis, start, start + extent);
  });
  return [dx, ...inputs.slice(1).map(() => undefined)];
}

function fullPads(x: Value, inputs: readonly (Value | undefined)[]): number[] {
  const given = constantIntegers(requireInput(inputs, 1, "Pad"), "the pads")!;
  const axes = constantIntegers(inputs[3], "the axes of a padding")?.map((axis) => normalizeAxis(axis, x.rank));
  if (axes === undefined) return [...given];
  const pads = Array.from({ length: 2 * x.rank }, () => 0);
  axes.forEach((axis, i) => {
    pads[axis] = given[i]!;
    pads[x.rank + axis] = given[axes.length + i]!;
  });
  return pads;
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

/** Operators that move elements without changing them. */
export const shaping: readonly OperatorDefinition[] = [
  reshaping("Reshape", 14, requestedShape),
  reshaping("Flatten", 13, (x, { attributes }) => {
    const axis = numberAttribute(attributes, "axis", 1);
    const cut = axis < 0 ? axis + x.rank : axis;
    return [elementCount(x.shape.slice(0, cut)), elementCount(x.shape.slice(cut))];
  }),
  reshaping("Squeeze", 13, (x, context) => {
    const axes = axesOf(context)?.map((axis) => normalizeAxis(axis, x.rank));
    return x.shape.filter((extent, i) => (axes === undefined ? extent !== 1 : !axes.includes(i)));
  }),
  reshaping("Unsqueeze", 13, (x, context) => {
    const given = axesOf(context) ?? [];
    const rank = x.rank + given.length;
    const axes = given.map((axis) => normalizeAxis(axis, rank));
    const rest = [...x.shape];
    return Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!));
  }),
  {
    type: "Identity",
    sinceVersion: 16,
    infer: inferUnary,
    gradient: ({ outputGradients }) => [outputGradients[0]],
    fold: keepData,
  },
  {
    type: "Transpose",
    sinceVersion: 13,
    fold: foldPositions((x, { attributes }) => {
      const stride = strides(x.shape);
      return gridPositions(permutationOf(x, attributes).map((axis) => offsets(x.shape[axis]!, stride[axis]!)));
    }),
    infer: ({ inputs, attributes }) => {
      const x = requireInput(inputs, 0, "Transpose");
      const permutation = permutationOf(x, attributes);
      if (permutation.length !== x.rank || new Set(permutation).size !== x.rank)
        throw new VesaliusError("bad-argument", `${formatShape(permutation)} is no permutation of ${x.rank} axes`);
      return [{ dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]!) }];
    },
    gradient: ({ node, inputs, outputGradients }) => {
      const inverse: number[] = [];
      permutationOf(inputs[0]!, node.attributes).forEach((axis, i) => (inverse[axis] = i));
      return [transpose(outputGradients[0]!, inverse)];
    },
  },
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
  {
    type: "Expand",
    sinceVersion: 13,
    fold: foldPositions((x, { outputs }) => broadcastPositions(x.shape, outputs[0]!.shape)),
    infer: ({ inputs }) => {
      const x = requireInput(inputs, 0, "Expand");
      const shape = constantIntegers(requireInput(inputs, 1, "Expand"), "the shape of an expansion")!;
      return [{ dtype: x.dtype, shape: broadcastShapes(x.shape, shape) }];
    },
    gradient: ({ inputs, outputGradients }) => [unbroadcast(outputGradients[0]!, inputs[0]!.shape), undefined],
  },
  {
    type: "Tile",
    sinceVersion: 13,
    fold: foldPositions((x, { outputs }) => {
      const stride = strides(x.shape);
      return gridPositions(
        outputs[0]!.shape.map((extent, i) =>
          Array.from({ length: extent }, (_, position) => (position % x.shape[i]!) * stride[i]!),
        ),
      );
    }),
    infer: ({ inputs }) => {
      const x = requireInput(inputs, 0, "Tile");
      const repeats = constantIntegers(requireInput(inputs, 1, "Tile"), "the repeats of a tile")!;
      if (repeats.length !== x.rank) throw new VesaliusError("shape-mismatch", "a tile needs one count for each axis");
      return [{ dtype: x.dtype, shape: x.shape.map((extent, i) => extent * repeats[i]!) }];
    },
    gradient: ({ inputs, outputs, outputGradients }) => {
      const x = inputs[0]!;
      const interleaved = x.shape.flatMap((extent, i) => [outputs[0]!.shape[i]! / extent, extent]);
      const axes = x.shape.map((_, i) => 2 * i);
      return [reduceSum(reshape(outputGradients[0]!, interleaved), axes, { keepDimensions: false }), undefined];
    },
  },
  {
    type: "Pad",
    sinceVersion: 18,
    infer: ({ inputs }) => {
      const x = requireInput(inputs, 0, "Pad");
      const pads = fullPads(x, inputs);
      if (pads.length !== 2 * x.rank)
        throw new VesaliusError("shape-mismatch", "a padding needs two counts for each axis");
      return [{ dtype: x.dtype, shape: x.shape.map((extent, i) => extent + pads[i]! + pads[x.rank + i]!) }];
    },
    gradient: padGradient,
  },
];
