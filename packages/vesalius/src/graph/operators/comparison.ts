import { broadcastShapes } from "../shapes.ts";
import { where } from "../functions/index.ts";
import { inferUnary, unbroadcast } from "./arithmetic.ts";
import { type OperatorDefinition, requireInput } from "./definition.ts";

function comparisonOf(type: string, sinceVersion: number): OperatorDefinition {
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
  };
}

/** Comparison, logic and selection by a condition. */
export const comparison: readonly OperatorDefinition[] = [
  comparisonOf("Equal", 13),
  comparisonOf("Greater", 13),
  comparisonOf("Less", 13),
  comparisonOf("GreaterOrEqual", 16),
  comparisonOf("LessOrEqual", 16),
  comparisonOf("And", 7),
  comparisonOf("Or", 7),
  comparisonOf("Xor", 7),
  { type: "Not", sinceVersion: 1, infer: inferUnary, gradient: "none" },
  ...["IsNaN", "IsInf"].map((type): OperatorDefinition => ({
    type,
    sinceVersion: 13,
    infer: ({ inputs }) => [{ dtype: "bool", shape: requireInput(inputs, 0, type).shape }],
    gradient: "none",
  })),
  {
    type: "Where",
    sinceVersion: 16,
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
