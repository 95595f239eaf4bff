import { VesaliusError } from "../../common/errors.ts";
import { emit } from "../emit.ts";
import {
  cast,
  full,
  gatherElements,
  reshape,
  scatterElementsAdd,
  scatterNDAdd,
  transpose,
} from "../functions/index.ts";
import { dataTypeOfCode } from "../onnx/data-types.ts";
import { normalizeAxis } from "../shapes.ts";
import { elementCount, integers, isFloatingPoint } from "../tensor.ts";
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

/** Adds every gathered slice's gradient back to its place; slices gathered twice accumulate. */
function gatherGradient({ node, inputs, outputGradients }: GradientContext): readonly (Value | undefined)[] {
  const [x, indices] = [inputs[0]!, inputs[1]!];
  const axis = axisOf(node, x);
  const lead = x.shape.slice(0, axis);
  const tail = x.shape.slice(axis + 1);
  const count = elementCount(indices.shape);
  let dy = reshape(outputGradients[0]!, [...lead, count, ...tail]);
  // ScatterND works on the first axis, so the gathered axis is brought to the front and back.
  const forward = [axis, ...lead.map((_, i) => i), ...tail.map((_, i) => axis + 1 + i)];
  const backward = [...lead.map((_, i) => i + 1), 0, ...tail.map((_, i) => axis + 1 + i)];
  dy = transpose(dy, forward);
  const start = full(x.graph, [x.shape[axis]!, ...lead, ...tail], 0, x.dtype);
  const positions = reshape(cast(nonNegative(indices, x.shape[axis]!), "int64"), [count, 1]);
  return [transpose(scatterNDAdd(start, positions, dy), backward), undefined];
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

function onlyAdd(node: Node): void {
  if (stringAttribute(node.attributes, "reduction", "none") !== "add")
    throw new VesaliusError("not-differentiable", `only ${node.type} with reduction "add" has a gradient rule`, {
      where: node.name,
    });
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
  { type: "Gather", sinceVersion: 13, infer: inferGather, gradient: gatherGradient, fold: foldGather },
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
    gradient: ({ node, inputs, outputGradients }) => {
      onlyAdd(node);
      const dy = outputGradients[0]!;
      return [dy, undefined, gatherElements(dy, inputs[1]!, axisOf(node, inputs[0]!))];
    },
  },
  {
    type: "ScatterND",
    sinceVersion: 18,
    infer: sameAs(0, "ScatterND"),
    gradient: ({ node, inputs, outputGradients }) => {
      onlyAdd(node);
      const dy = outputGradients[0]!;
      return [dy, undefined, emit("GatherND", [dy, inputs[1]!])];
    },
  },
  {
    type: "GatherND",
    sinceVersion: 13,
    infer: ({ inputs }) => {
      const [x, indices] = [requireInput(inputs, 0, "GatherND"), requireInput(inputs, 1, "GatherND")];
      const depth = indices.shape.at(-1)!;
      return [{ dtype: x.dtype, shape: [...indices.shape.slice(0, -1), ...x.shape.slice(depth)] }];
    },
    gradient: ({ inputs, outputGradients }) => {
      const x = inputs[0]!;
      const start = full(x.graph, x.shape, 0, x.dtype);
      return [scatterNDAdd(start, inputs[1]!, outputGradients[0]!), undefined];
    },
  },
];

function shapeRange(x: Value, attributes: Node["attributes"]): [number, number] {
  const clamp = (position: number): number =>
    Math.min(Math.max(position < 0 ? position + x.rank : position, 0), x.rank);
  return [clamp(numberAttribute(attributes, "start", 0)), clamp(numberAttribute(attributes, "end", x.rank))];
}
