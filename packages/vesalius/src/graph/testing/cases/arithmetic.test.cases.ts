import * as fc from "fast-check";
import { int } from "../../attributes.ts";
import type { Elements } from "../finite-difference.ts";
import {
  broadcastable,
  differentiable,
  distinct,
  fed,
  integersIn,
  type OperatorEntry,
  shape,
  single,
  typesOnly,
  uniform,
} from "./arbitraries.test.cases.ts";

const binary = (operator: string, a: Elements = uniform(), b: Elements = a): OperatorEntry =>
  differentiable(
    operator,
    broadcastable(2).map(([x, y]) => single(operator, [fed(x!, a), fed(y!, b)])),
  );

const unary = (operator: string, elements: Elements, precision: "float32" | "float64" = "float64"): OperatorEntry =>
  differentiable(
    operator,
    shape().map((x) => single(operator, [fed(x, elements)], {}, { precision })),
  );

/** Operands from grids that never meet, so that no element ties. */
const variadic = (operator: string, precision: "float32" | "float64" = "float64"): OperatorEntry =>
  differentiable(
    operator,
    fc
      .integer({ min: 1, max: 4 })
      .chain(broadcastable)
      .map((shapes) =>
        single(
          operator,
          shapes.map((x, i) => fed(x, distinct(0.1 + 0.017 * i))),
          {},
          { precision },
        ),
      ),
  );

const rounding = (operator: string): OperatorEntry =>
  typesOnly(
    operator,
    shape().map((x) => single(operator, [fed(x, uniform(-3, 3))])),
  );

/** Cases of element-wise arithmetic. */
export const arithmeticCases: readonly OperatorEntry[] = [
  binary("Add"),
  binary("Sub"),
  binary("Mul"),
  binary("Div", uniform(), uniform(0.5, 2)),
  binary("Pow", uniform(0.5, 2), uniform(-2, 2)),
  differentiable(
    "Mod",
    // Quotients stay between 1.3 and 1.7, away from the jumps at whole numbers.
    fc
      .tuple(broadcastable(2), fc.constantFrom(1, -1))
      .map(([[x, y], sign]) =>
        single("Mod", [fed(x!, uniform(1.45 * sign, 1.55 * sign)), fed(y!, uniform(0.95, 1.05))], { fmod: int(1) }),
      ),
  ),
  variadic("Max"),
  variadic("Min"),
  variadic("Sum"),
  variadic("Mean", "float32"),
  unary("Neg", uniform()),
  unary("Exp", uniform()),
  unary("Log", uniform(0.3, 2)),
  unary("Sqrt", uniform(0.3, 2)),
  unary("Reciprocal", uniform(0.5, 2)),
  unary("Abs", distinct()),
  unary("Erf", uniform(-2, 2), "float32"),
  unary("Sin", uniform(-2, 2)),
  unary("Cos", uniform(-2, 2)),
  ...["Sign", "Floor", "Ceil", "Round"].map(rounding),
  typesOnly(
    "BitShift",
    broadcastable(2).map(([x, y]) =>
      single("BitShift", [fed(x!, integersIn(0, 9), "uint32"), fed(y!, integersIn(0, 5), "uint32")], {
        direction: { kind: "string", value: "LEFT" },
      }),
    ),
  ),
];
