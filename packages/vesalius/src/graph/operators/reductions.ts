import { normalizeAxis } from "../shapes.ts";
import { elementCount } from "../tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import { emit } from "../emit.ts";
import { cast, divide, equal, expand, multiply, reduceSum, reshape } from "../functions/index.ts";
import {
  constantIntegers,
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";

/** Axes of a reduction, whether given as an attribute (older opsets) or as an input; all axes where none are given. */
function reducedAxes(inputs: readonly (Value | undefined)[], attributes: Attributes): number[] {
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

function extremum(type: string): OperatorDefinition {
  // Tied extremes share the gradient equally, as in PyTorch's amax and amin.
  return reduction(type, 18, (dy, x, y) => {
    const hit = cast(equal(x, y), "float32");
    const axes = y.shape.flatMap((extent, axis) => (extent === 1 && x.shape[axis] !== 1 ? [axis] : []));
    const ties = axes.length === 0 ? hit : reduceSum(hit, axes);
    return multiply(hit, divide(dy, ties));
  });
}

/** Reductions over one or more axes. */
export const reductions: readonly OperatorDefinition[] = [
  reduction("ReduceSum", 13, (dy, x) => expand(dy, x.shape)),
  reduction("ReduceMean", 18, (dy, x, _y, count) => expand(multiply(dy, 1 / count), x.shape)),
  reduction("ReduceSumSquare", 18, (dy, x) => multiply(x, multiply(dy, 2))),
  reduction("ReduceL2", 18, (dy, x, y) => multiply(x, divide(dy, y))),
  reduction("ReduceL1", 18, (dy, x) => multiply(dy, emit("Sign", [x]))),
  reduction("ReduceLogSumExp", 18, (dy, x, y) => multiply(dy, emit("Exp", [emit("Sub", [x, y])]))),
  reduction("ReduceProd", 18, (dy, x, y) => multiply(dy, divide(y, x))),
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
