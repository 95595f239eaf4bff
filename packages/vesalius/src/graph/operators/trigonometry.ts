import { emit } from "../emit.ts";
import { add, divide, multiply, negate, sqrt, square, subtract } from "../functions/index.ts";
import type { Value } from "../value.ts";
import { inferUnary } from "./arithmetic.ts";
import type { OperatorDefinition } from "./definition.ts";

/** Element-wise function from its derivative times the incoming gradient. */
const elementWise = (
  type: string,
  sinceVersion: number,
  gradient: (dy: Value, x: Value, y: Value) => Value,
): OperatorDefinition => ({
  type,
  sinceVersion,
  infer: inferUnary,
  gradient: ({ inputs, outputs, outputGradients }) => [gradient(outputGradients[0]!, inputs[0]!, outputs[0]!)],
});

const one = (x: Value): Value => x.graph.scalar(1, x.dtype);

/** Trigonometric and hyperbolic functions and their inverses. */
export const trigonometry: readonly OperatorDefinition[] = [
  elementWise("Sin", 7, (dy, x) => multiply(dy, emit("Cos", [x]))),
  elementWise("Cos", 7, (dy, x) => negate(multiply(dy, emit("Sin", [x])))),
  elementWise("Tan", 7, (dy, _x, y) => multiply(dy, add(square(y), 1))),
  elementWise("Asin", 7, (dy, x) => divide(dy, sqrt(subtract(one(x), square(x))))),
  elementWise("Acos", 7, (dy, x) => negate(divide(dy, sqrt(subtract(one(x), square(x)))))),
  elementWise("Atan", 7, (dy, x) => divide(dy, add(square(x), 1))),
  elementWise("Sinh", 9, (dy, x) => multiply(dy, emit("Cosh", [x]))),
  elementWise("Cosh", 9, (dy, x) => multiply(dy, emit("Sinh", [x]))),
  elementWise("Asinh", 9, (dy, x) => divide(dy, sqrt(add(square(x), 1)))),
  elementWise("Acosh", 9, (dy, x) => divide(dy, sqrt(subtract(square(x), 1)))),
  elementWise("Atanh", 9, (dy, x) => divide(dy, subtract(one(x), square(x)))),
];
