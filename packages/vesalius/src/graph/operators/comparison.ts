import { broadcastShapes } from "../shapes.ts";
import { where } from "../functions/index.ts";
import { unbroadcast } from "./broadcasting.ts";
import { inferUnary } from "./elementary.ts";
import { foldElementwise, type Scalar } from "./fold.ts";
import { type OperatorDefinition, requireInput } from "./definition.ts";

function comparisonOf(
  type: string,
  sinceVersion: number,
  compute: (a: Scalar, b: Scalar) => boolean,
): OperatorDefinition {
  return {
    type,
    sinceVersion,
    infer: ({ inputs }) => [
      {
        dtype: "bool",
        shape: broadcastShapes(requireInput(inputs, 0, type).shape, requireInput(inputs, 1, type).shape),
      },
    ],
    gradient: "none",
    fold: foldElementwise(([a, b]) => compute(a!, b!)),
  };
}

/** Comparison, logic and selection by a condition. */
export const comparison: readonly OperatorDefinition[] = [
  comparisonOf("Equal", 13, (a, b) => a === b),
  comparisonOf("Greater", 13, (a, b) => a > b),
  comparisonOf("Less", 13, (a, b) => a < b),
  comparisonOf("GreaterOrEqual", 16, (a, b) => a >= b),
  comparisonOf("LessOrEqual", 16, (a, b) => a <= b),
  comparisonOf("And", 7, (a, b) => a === 1n && b === 1n),
  comparisonOf("Or", 7, (a, b) => a === 1n || b === 1n),
  comparisonOf("Xor", 7, (a, b) => a !== b),
  { type: "Not", sinceVersion: 1, infer: inferUnary, gradient: "none", fold: foldElementwise(([x]) => x === 0n) },
  ...["IsNaN", "IsInf"].map((type): OperatorDefinition => ({
    type,
    sinceVersion: 13,
    infer: ({ inputs }) => [{ dtype: "bool", shape: requireInput(inputs, 0, type).shape }],
    gradient: "none",
  })),
  {
    type: "Where",
    sinceVersion: 16,
    fold: foldElementwise(([condition, a, b]) => (condition ? a : b)),
    infer: ({ inputs }) => {
      const [condition, a, b] = [0, 1, 2].map((i) => requireInput(inputs, i, "Where"));
      return [{ dtype: a!.dtype, shape: broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape)) }];
    },
    gradient: ({ inputs, outputGradients, needed }) => {
      const [condition, a, b] = [inputs[0]!, inputs[1]!, inputs[2]!];
      const dy = outputGradients[0]!;
      const zero = dy.graph.scalar(0, dy.dtype);
      return [
        undefined,
        needed[1] ? unbroadcast(where(condition, dy, zero), a.shape) : undefined,
        needed[2] ? unbroadcast(where(condition, zero, dy), b.shape) : undefined,
      ];
    },
  },
];
