import { emit } from "../emit.ts";
import { add, divide, multiply, negate, sqrt, square, subtract } from "../functions/index.ts";
import type { Value } from "../value.ts";
import { unary } from "./elementary.ts";
import type { OperatorDefinition } from "./definition.ts";

const one = (x: Value): Value => x.graph.scalar(1, x.dtype);

/** Trigonometric and hyperbolic functions and their inverses. */
export const trigonometry: readonly OperatorDefinition[] = [
  unary("Sin", 7, (dy, x) => multiply(dy, emit("Cos", [x]))),
  unary("Cos", 7, (dy, x) => negate(multiply(dy, emit("Sin", [x])))),
  unary("Tan", 7, (dy, _x, y) => multiply(dy, add(square(y), 1))),
  unary("Asin", 7, (dy, x) => divide(dy, sqrt(subtract(one(x), square(x))))),
  unary("Acos", 7, (dy, x) => negate(divide(dy, sqrt(subtract(one(x), square(x)))))),
  unary("Atan", 7, (dy, x) => divide(dy, add(square(x), 1))),
  unary("Sinh", 9, (dy, x) => multiply(dy, emit("Cosh", [x]))),
  unary("Cosh", 9, (dy, x) => multiply(dy, emit("Sinh", [x]))),
  unary("Asinh", 9, (dy, x) => divide(dy, sqrt(add(square(x), 1)))),
  unary("Acosh", 9, (dy, x) => divide(dy, sqrt(subtract(square(x), 1)))),
  unary("Atanh", 9, (dy, x) => divide(dy, subtract(one(x), square(x)))),
];
