import { VesaliusError } from "../../common/errors.ts";
import { emit } from "../emit.ts";
import {
  cast,
  concat,
  full,
  gatherElements,
  reshape,
  scatterElementsAdd,
  scatterNDAdd,
  transpose,
} from "../functions/index.ts";
import { dataTypeOfCode } from "../onnx/data-types.ts";
import { normalizeAxis } from "../shapes.ts";
import { elementCount, integers, isFloatingPoint } from "../../common/tensor.ts";
import type { GradientContext, Node, Value } from "../value.ts";
import {
  type FoldRule,
  type InferenceContext,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
  stringAttribute,
} from "./definition.ts";
import { fromScalars, gridPositions, largestFold, offsets, scalars, strides, take } from "./fold.ts";

const axisOf = ({ attributes }: Pick<Node, "attributes">, x: Value): number =>
  normalizeAxis(numberAttribute(attributes, "axis", 0), x.rank);

function inferGather({ inputs, attributes }: InferenceContext) {
  const [x, indices] = [requireInput(inputs, 0, "Gather"), requireInput(inputs, 1, "Gather")];
  const axis = axisOf({ attributes }, x);
  return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }];
}

/**
 * Adds slices to zeros of a shape at positions along an axis; repeated positions accumulate. The adjoint of a gather.
 *
 * @param slices `shape` with the axis replaced by the shape of the indices
 */
export function addAlong(slices: Value, indices: Value, shape: readonly number[], axis: number): Value {
  const lead = shape.slice(0, axis);
  const tail = shape.slice(axis + 1);
  const count = elementCount(indices.shape);
  // ScatterND works on the first axis, so the gathered axis is brought to the front and back.
  const forward = [axis, ...lead.map((_, i) => i), ...tail.map((_, i) => axis + 1 + i)];
  const backward = [...lead.map((_, i) => i + 1), 0, ...tail.map((_, i) => axis + 1 + i)];
  const ordered = transpose(reshape(slices, [...lead, count, ...tail]), forward);
  const start = full(slices.graph, [shape[axis]!, ...lead, ...tail], 0, slices.dtype);
  const positions = reshape(cast(nonNegative(indices, shape[axis]!), "int64"), [count, 1]);
  return transpose(scatterNDAdd(start, positions, ordered), backward);
}

/** Scatter kernels differ in what they make of negative indices, so they are turned around first. */
function nonNegative(indices: Value, extent: number): Value {
  if (indices.tensor !== undefined && integers(indices.tensor).every((index) => index >= 0)) return indices;
  const zero = indices.graph.scalar(0, indices.dtype);
  const size = indices.graph.scalar(extent, indices.dtype);
  return emit("Where", [emit("Less", [indices, zero]), emit("Add", [indices, size]), indices]);
}

const foldGather: FoldRule = ([x, indices], { inputs, attributes, outputs }) => {
  const { shape } = outputs[0]!;
  if (elementCount(shape) > largestFold) return undefined;
  const axis = axisOf({ attributes }, inputs[0]!);
  const extent = x!.shape[axis]!;
  const stride = strides(x!.shape);
  const grid = x!.shape.map((count, i) =>
    i === axis
      ? integers(indices!).map((index) => (index < 0 ? index + extent : index) * stride[i]!)
      : offsets(count, stride[i]!),
  );
  const taken = take(x!, shape, gridPositions(grid));
  return taken && [taken];
};

const sameAs =
  (position: number, type: string) =>
  ({ inputs }: InferenceContext) => [
    { dtype: requireInput(inputs, 0, type).dtype, shape: requireInput(inputs, position, type).shape },
  ];

/**
 * Gradient of a scatter. Added updates leave the gradient of the data as it is; updates that replace elements take it
 * away from them. Where indices repeat, the runtime decides which update wins, and all of them get its gradient.
 */
const scatterGradient =
  (gatherUpdates: (dy: Value, context: GradientContext) => Value) =>
  (context: GradientContext): readonly (Value | undefined)[] => {
    const { node, inputs, outputGradients, needed } = context;
    const reduction = stringAttribute(node.attributes, "reduction", "none");
    if (reduction !== "add" && reduction !== "none")
      throw new VesaliusError("not-differentiable", `${node.type} with reduction "${reduction}" has no gradient rule`, {
        where: node.name,
      });
    const dy = outputGradients[0]!;
    const nothing = (): Value => full(dy.graph, inputs[2]!.shape, 0, dy.dtype);
    const kept = (): Value => (reduction === "add" ? dy : emit(node.type, [dy, inputs[1], nothing()], node.attributes));
    return [needed[0] ? kept() : undefined, undefined, needed[2] ? gatherUpdates(dy, context) : undefined];
  };

/** GatherND over leading batch axes, as a scatter whose indices name the batch too. */
function gatherNDGradient({ node, inputs, outputGradients }: GradientContext): readonly (Value | undefined)[] {
  const [x, indices] = [inputs[0]!, inputs[1]!];
  const dy = outputGradients[0]!;
  const batchAxes = numberAttribute(node.attributes, "batch_dims", 0);
  if (batchAxes === 0) return [scatterNDAdd(full(x.graph, x.shape, 0, x.dtype), indices, dy), undefined];
  const batch = elementCount(x.shape.slice(0, batchAxes));
  const rest = x.shape.slice(batchAxes);
  const depth = indices.shape.at(-1)!;
  const count = elementCount(indices.shape) / (batch * depth);
  const owner = Array.from({ length: batch * count }, (_, i) => Math.floor(i / count));
  const located = concat([x.graph.int64(owner, [batch, count, 1]), reshape(indices, [batch, count, depth])], 2);
  const start = full(x.graph, [batch, ...rest], 0, x.dtype);
  const dx = scatterNDAdd(start, located, reshape(dy, [batch, count, ...rest.slice(depth)]));
  return [reshape(dx, x.shape), undefined];
}

/** Gathering, scattering and conversion of element types. */
export const indexing: readonly OperatorDefinition[] = [
  {
    type: "Cast",
    sinceVersion: 13,
    infer: ({ inputs, attributes }) => [
      { dtype: dataTypeOfCode(numberAttribute(attributes, "to", 1)), shape: requireInput(inputs, 0, "Cast").shape },
    ],
    gradient: ({ inputs, outputGradients }) => [
      isFloatingPoint(inputs[0]!.dtype) ? cast(outputGradients[0]!, inputs[0]!.dtype) : undefined,
    ],
    fold: ([x], { outputs }) => {
      const elements = scalars(x!);
      const converted = elements && fromScalars(outputs[0]!.dtype, x!.shape, elements);
      return converted && [converted];
    },
  },
  {
    type: "Shape",
    sinceVersion: 15,
    infer: ({ inputs, attributes }) => {
      const [start, end] = shapeRange(requireInput(inputs, 0, "Shape"), attributes);
      return [{ dtype: "int64", shape: [Math.max(0, end - start)] }];
    },
    gradient: "none",
    foldsTypes: true,
    fold: (_inputs, { inputs, attributes }) => {
      const x = inputs[0]!;
      const extents = x.shape.slice(...shapeRange(x, attributes));
      return [{ dtype: "int64", shape: [extents.length], data: BigInt64Array.from(extents, BigInt) }];
    },
  },
  {
    type: "Size",
    sinceVersion: 13,
    infer: () => [{ dtype: "int64", shape: [] }],
    gradient: "none",
    foldsTypes: true,
    fold: (_inputs, { inputs }) => [
      { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(elementCount(inputs[0]!.shape))) },
    ],
  },
  {
    type: "Gather",
    sinceVersion: 13,
    infer: inferGather,
    gradient: ({ node, inputs, outputGradients }) => {
      const [x, indices] = [inputs[0]!, inputs[1]!];
      return [addAlong(outputGradients[0]!, indices, x.shape, axisOf(node, x)), undefined];
    },
    fold: foldGather,
  },
  {
    type: "GatherElements",
    sinceVersion: 13,
    infer: sameAs(1, "GatherElements"),
    gradient: ({ node, inputs, outputGradients }) => {
      const x = inputs[0]!;
      const start = full(x.graph, x.shape, 0, x.dtype);
      return [scatterElementsAdd(start, inputs[1]!, outputGradients[0]!, axisOf(node, x)), undefined];
    },
  },
  {
    type: "ScatterElements",
    sinceVersion: 18,
    infer: sameAs(0, "ScatterElements"),
    gradient: scatterGradient((dy, { node, inputs }) => gatherElements(dy, inputs[1]!, axisOf(node, inputs[0]!))),
  },
  {
    type: "ScatterND",
    sinceVersion: 18,
    infer: sameAs(0, "ScatterND"),
    gradient: scatterGradient((dy, { inputs }) => emit("GatherND", [dy, inputs[1]!])),
  },
  {
    type: "GatherND",
    sinceVersion: 13,
    infer: ({ inputs, attributes }) => {
      const [x, indices] = [requireInput(inputs, 0, "GatherND"), requireInput(inputs, 1, "GatherND")];
      const depth = indices.shape.at(-1)! + numberAttribute(attributes, "batch_dims", 0);
      if (depth > x.rank)
        throw new VesaliusError("shape-mismatch", `indices of ${depth} entries into a tensor of rank ${x.rank}`);
      return [{ dtype: x.dtype, shape: [...indices.shape.slice(0, -1), ...x.shape.slice(depth)] }];
    },
    gradient: gatherNDGradient,
  },
];

function shapeRange(x: Value, attributes: Node["attributes"]): [number, number] {
  const clamp = (position: number): number =>
    Math.min(Math.max(position < 0 ? position + x.rank : position, 0), x.rank);
  return [clamp(numberAttribute(attributes, "start", 0)), clamp(numberAttribute(attributes, "end", x.rank))];
}
