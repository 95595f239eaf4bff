import * as fc from "fast-check";
import { float } from "../../attributes.ts";
import type { Attributes } from "../../value.ts";
import type { Elements, TestInput } from "../finite-difference.ts";
import {
  broadcastableTo,
  differentiable,
  distinct,
  fed,
  type OperatorEntry,
  shape,
  single,
  uniform,
} from "./arbitraries.test.cases.ts";

const number = (low: number, high: number): fc.Arbitrary<number> => fc.double({ min: low, max: high, noNaN: true });

const activation = (
  operator: string,
  elements: Elements,
  attributes: fc.Arbitrary<Attributes> = fc.constant({}),
): OperatorEntry =>
  differentiable(
    operator,
    fc
      .tuple(shape(), attributes)
      .map(([x, given]) => single(operator, [fed(x, elements)], given, { precision: "float32" })),
  );

const trigonometric = (operator: string, low: number, high: number): OperatorEntry =>
  activation(operator, uniform(low, high));

/** A bound between two steps of the grid from which the input is drawn, so that no element lies on it. */
const bound = (place: number): fc.Arbitrary<TestInput | undefined> =>
  fc.option(fc.constant(fed([], { kind: "values", values: [place] })), { nil: undefined });

/** Cases of the piecewise and later activation functions and of trigonometry. */
export const piecewiseActivationCases: readonly OperatorEntry[] = [
  differentiable(
    "Clip",
    fc.tuple(shape(), bound(-0.3), bound(0.2)).map(([x, low, high]) => single("Clip", [fed(x, distinct()), low, high])),
  ),
  differentiable(
    "PRelu",
    shape().chain((x) =>
      broadcastableTo(x).map((slope) =>
        single("PRelu", [fed(x, distinct()), fed(slope, uniform(0.1, 0.5))], {}, { precision: "float32" }),
      ),
    ),
  ),
  // The kinks of 0.2 x + 0.5 lie at 2.5, those of 0.1 x + 0.5 at 5, both between steps of the grid.
  activation("HardSigmoid", distinct(0.3), fc.constantFrom({}, { alpha: float(0.1) })),
  activation("HardSwish", distinct(0.25)),
  activation("ThresholdedRelu", distinct(), fc.constantFrom({ alpha: float(0.5) })),
  activation("Mish", uniform(-3, 3)),
  activation(
    "Selu",
    distinct(),
    number(0.5, 2).map((alpha) => ({ alpha: float(alpha), gamma: float(1.1) })),
  ),
  activation(
    "Celu",
    distinct(),
    number(0.5, 2).map((alpha) => ({ alpha: float(alpha) })),
  ),
  activation("Softsign", distinct()),
  trigonometric("Tan", -1, 1),
  trigonometric("Asin", -0.8, 0.8),
  trigonometric("Acos", -0.8, 0.8),
  trigonometric("Atan", -2, 2),
  trigonometric("Sinh", -2, 2),
  trigonometric("Cosh", -2, 2),
  trigonometric("Asinh", -2, 2),
  trigonometric("Acosh", 1.5, 3),
  trigonometric("Atanh", -0.8, 0.8),
];
