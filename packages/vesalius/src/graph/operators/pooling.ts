import { VesaliusError } from "../../common/errors.ts";
import { emitMany } from "../emit.ts";
import {
  cast,
  divide,
  equal,
  expand,
  full,
  multiply,
  reduceSum,
  reshape,
  scatterElementsAdd,
} from "../functions/index.ts";
import { elementCount, type TensorType } from "../../common/tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import { inputGradient } from "./convolution-input-gradient.ts";
import {
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";
import { reach, windowCounts, type Windows, windowsOver } from "./windows.ts";

/** Input, windows and output type of a pooling over `[batch, channels, ...spatial]`. */
function pooled(type: string, x: Value, attributes: Attributes): { windows: Windows; type: TensorType } {
  const kernel = listAttribute(attributes, "kernel_shape");
  if (kernel === undefined || kernel.length !== x.rank - 2)
    throw new VesaliusError("bad-argument", `${type} needs a kernel_shape with one extent for each spatial axis`);
  const extents = x.shape.slice(2);
  const windows = windowsOver(attributes, kernel, extents);
  const counts = windowCounts(extents, windows, numberAttribute(attributes, "ceil_mode", 0) === 1);
  return { windows, type: { dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...counts] } };
}

function inferMaxPool({ inputs, attributes, outputCount }: InferenceContext): readonly TensorType[] {
  const { type } = pooled("MaxPool", requireInput(inputs, 0, "MaxPool"), attributes);
  return [type, { dtype: "int64" as const, shape: type.shape }].slice(0, outputCount);
}

/** Each maximum passes its gradient to the element that it came from. */
function maxPoolGradient({ node, inputs, outputs, outputGradients }: GradientContext): readonly Value[] {
  const x = inputs[0]!;
  if (numberAttribute(node.attributes, "storage_order", 0) === 1)
    throw new VesaliusError("not-differentiable", "a MaxPool with column-major indices has no gradient rule", {
      where: node.name,
    });
  const indices = outputs[1] ?? emitMany("MaxPool", [x], node.attributes, 2)[1]!;
  const count = elementCount(indices.shape);
  const start = full(x.graph, [elementCount(x.shape)], 0, x.dtype);
  const flat = scatterElementsAdd(start, reshape(indices, [count]), reshape(outputGradients[0]!, [count]), 0);
  return [reshape(flat, x.shape)];
}

/** Number of elements that each window averages over, as one factor for each axis. */
function windowSizes(extents: readonly number[], counts: readonly number[], windows: Windows, withPads: boolean) {
  const { kernel, strides, dilations, before, after } = windows;
  return extents.map((extent, axis) =>
    Array.from({ length: counts[axis]! }, (_, position) => {
      const start = position * strides[axis]! - before[axis]!;
      const inside = Array.from({ length: kernel[axis]! }, (_tap, tap) => start + tap * dilations[axis]!);
      const [low, high] = withPads ? [-before[axis]!, extent + after[axis]!] : [0, extent];
      return inside.filter((place) => place >= low && place < high).length;
    }),
  );
}

function averagePoolGradient({ node, inputs, outputGradients }: GradientContext): readonly Value[] {
  const x = inputs[0]!;
  const { windows } = pooled("AveragePool", x, node.attributes);
  const { kernel, strides, before, after } = windows;
  const [extents, counts] = [x.shape.slice(2), outputGradients[0]!.shape.slice(2)];
  const withPads = numberAttribute(node.attributes, "count_include_pad", 0) === 1;
  const sizes = windowSizes(extents, counts, windows, withPads);
  // Windows of different sizes, at the borders, weigh their elements differently.
  const uniform = sizes.every((axis) => axis.every((size) => size === axis[0]));
  const shares = sizes
    .reduce((products, axis) => products.flatMap((product) => axis.map((size) => product * size)), [1])
    .map((size) => 1 / size);
  const weights = uniform
    ? x.graph.scalar(shares[0]!, x.dtype)
    : cast(x.graph.constant({ dtype: "float32", shape: counts, data: Float32Array.from(shares) }), x.dtype);
  const dy = multiply(outputGradients[0]!, weights);
  const exact = extents.every(
    (extent, i) => kernel[i] === strides[i] && before[i] === 0 && after[i] === 0 && extent === counts[i]! * kernel[i]!,
  );
  if (exact) {
    const lead = x.shape.slice(0, 2);
    const opened = reshape(dy, [...lead, ...counts.flatMap((count) => [count, 1])]);
    return [reshape(expand(opened, [...lead, ...counts.flatMap((count, i) => [count, kernel[i]!])]), x.shape)];
  }
  // Overlapping windows add up like the taps of a convolution with ones, for each channel on its own.
  const planes = [x.shape[0]! * x.shape[1]!, 1];
  const ones = full(x.graph, [1, 1, ...kernel], 1, x.dtype);
  // With ceil_mode the last window may reach beyond the padding.
  const needed = counts.map((count, i) => (count - 1) * strides[i]! + reach(windows, i) - extents[i]! - before[i]!);
  const wide = { ...windows, after: after.map((count, i) => Math.max(count, needed[i]!)) };
  return [reshape(inputGradient(reshape(dy, [...planes, ...counts]), ones, [...planes, ...extents], wide, 1), x.shape)];
}

const inferGlobal = ({ inputs, type }: InferenceContext): readonly TensorType[] => {
  const { dtype, shape } = requireInput(inputs, 0, type);
  return [{ dtype, shape: shape.map((extent, axis) => (axis < 2 ? extent : 1)) }];
};

/** Pooling over any number of spatial axes (kernels exist for 1, 2 and 3). */
export const pooling: readonly OperatorDefinition[] = [
  {
    type: "MaxPool",
    sinceVersion: 12,
    infer: inferMaxPool,
    gradient: maxPoolGradient,
    differentiableOutputs: 1,
    requiredOutputs: 1,
  },
  {
    type: "AveragePool",
    sinceVersion: 11,
    infer: ({ inputs, attributes }) => [pooled("AveragePool", requireInput(inputs, 0, "AveragePool"), attributes).type],
    gradient: averagePoolGradient,
  },
  {
    type: "GlobalAveragePool",
    sinceVersion: 1,
    infer: inferGlobal,
    gradient: ({ inputs, outputGradients }) => {
      const { shape } = inputs[0]!;
      return [expand(multiply(outputGradients[0]!, 1 / elementCount(shape.slice(2))), shape)];
    },
  },
  {
    type: "GlobalMaxPool",
    sinceVersion: 1,
    infer: inferGlobal,
    // Tied maxima share the gradient equally, as in ReduceMax.
    gradient: ({ inputs, outputs, outputGradients }) => {
      const x = inputs[0]!;
      const hits = cast(equal(x, outputs[0]!), x.dtype);
      const ties = reduceSum(
        hits,
        x.shape.slice(2).map((_, i) => i + 2),
      );
      return [multiply(hits, divide(outputGradients[0]!, ties))];
    },
  },
];
