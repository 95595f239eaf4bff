import { normalizeAxis } from "../shapes.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import { emit } from "../emit.ts";
import {
  cast,
  divide,
  equal,
  exp,
  expand,
  maximum,
  multiply,
  reduceSum,
  reshape,
  subtract,
  where,
} from "../functions/index.ts";
import {
  constantIntegers,
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";

/** Axes of a reduction, whether given as an attribute (older opsets) or as an input; all axes where none are given. */
export function reducedAxes(inputs: readonly (Value | undefined)[], attributes: Attributes): number[] {
  const rank = inputs[0]!.rank;
  const given = listAttribute(attributes, "axes") ?? constantIntegers(inputs[1], "the axes of a reduction");
  if (given === undefined || given.length === 0)
    return numberAttribute(attributes, "noop_with_empty_axes", 0) === 1
      ? []
      : Array.from({ length: rank }, (_, i) => i);
  return given.map((axis) => normalizeAxis(axis, rank));
}

function reducedShape(shape: readonly number[], axes: readonly number[], keep: boolean): number[] {
  return shape.flatMap((extent, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [extent]));
}

function infer({ inputs, attributes, type }: InferenceContext) {
  const x = requireInput(inputs, 0, type);
  const keep = numberAttribute(attributes, "keepdims", 1) === 1;
  return [{ dtype: x.dtype, shape: reducedShape(x.shape, reducedAxes(inputs, attributes), keep) }];
}

function reduction(
  type: string,
  sinceVersion: number,
  gradient?: (dy: Value, x: Value, y: Value, count: number) => Value,
): OperatorDefinition {
  const rule = ({ inputs, outputs, outputGradients, node }: GradientContext) => {
    const x = inputs[0]!;
    const axes = reducedAxes(inputs, node.attributes);
    const kept = reducedShape(x.shape, axes, true);
    const count = elementCount(axes.map((axis) => x.shape[axis]!));
    return [gradient!(reshape(outputGradients[0]!, kept), x, reshape(outputs[0]!, kept), count), undefined];
  };
  return { type, sinceVersion, infer, ...(gradient ? { gradient: rule } : {}) };
}

/** Axes along which a reduction went, from the shapes before and after; extents of 1 make no difference. */
const axesBetween = (x: Value, kept: Value): number[] =>
  kept.shape.flatMap((extent, axis) => (extent === 1 && x.shape[axis] !== 1 ? [axis] : []));

/** The product of all other elements, also where one of them is 0. */
function productGradient(dy: Value, x: Value, y: Value): Value {
  const axes = axesBetween(x, y);
  if (axes.length === 0) return dy;
  const isZero = equal(x, x.graph.scalar(0, x.dtype));
  const zeros = cast(isZero, x.dtype);
  const factors = where(isZero, x.graph.scalar(1, x.dtype), x);
  const otherZeros = subtract(reduceSum(zeros, axes), zeros);
  const others = divide(emit("ReduceProd", [factors, x.graph.int64(axes)]), factors);
  return multiply(dy, where(equal(otherZeros, x.graph.scalar(0, x.dtype)), others, x.graph.scalar(0, x.dtype)));
}

function extremum(type: string): OperatorDefinition {
  // Tied extremes share the gradient equally, as in PyTorch's amax and amin.
  return reduction(type, 18, (dy, x, y) => {
    const hit = cast(equal(x, y), x.dtype);
    const axes = axesBetween(x, y);
    const ties = axes.length === 0 ? hit : reduceSum(hit, axes);
    return multiply(hit, divide(dy, ties));
  });
}

/** Reductions over one or more axes. */
export const reductions: readonly OperatorDefinition[] = [
  reduction("ReduceSum", 13, (dy, x) => expand(dy, x.shape)),
  reduction("ReduceMean", 18, (dy, x, _y, count) => expand(multiply(dy, 1 / count), x.shape)),
  reduction("ReduceSumSquare", 18, (dy, x) => multiply(x, multiply(dy, 2))),
  // The bound keeps the gradient of a zero vector at 0, as in PyTorch.
  reduction("ReduceL2", 18, (dy, x, y) => multiply(x, divide(dy, maximum(y, 1e-30)))),
  reduction("ReduceL1", 18, (dy, x) => multiply(dy, emit("Sign", [x]))),
  reduction("ReduceLogSum", 18, (dy, x, y) => expand(divide(dy, exp(y)), x.shape)),
  reduction("ReduceLogSumExp", 18, (dy, x, y) => multiply(dy, emit("Exp", [emit("Sub", [x, y])]))),
  reduction("ReduceProd", 18, productGradient),
  extremum("ReduceMax"),
  extremum("ReduceMin"),
  ...["ArgMax", "ArgMin"].map((type): OperatorDefinition => ({
    type,
    sinceVersion: 13,
    infer: ({ inputs, attributes }) => {
      const x = requireInput(inputs, 0, type);
      const axis = normalizeAxis(numberAttribute(attributes, "axis", 0), x.rank);
      return [
        { dtype: "int64", shape: reducedShape(x.shape, [axis], numberAttribute(attributes, "keepdims", 1) === 1) },
      ];
    },
    gradient: "none",
  })),
];
