import * as fc from "fast-check";
import { float, int, string } from "../../attributes.ts";
import type { Attributes } from "../../value.ts";
import type { Elements } from "../finite-difference.ts";
import {
  axisOf,
  differentiable,
  distinct,
  fed,
  type OperatorEntry,
  type SingleOptions,
  shape,
  single,
  uniform,
} from "./arbitraries.test.cases.ts";

const single32: SingleOptions = { precision: "float32" };

const activation = (
  operator: string,
  elements: Elements,
  attributes: fc.Arbitrary<Attributes> = fc.constant({}),
  options: SingleOptions = single32,
): OperatorEntry =>
  differentiable(
    operator,
    fc.tuple(shape(), attributes).map(([x, given]) => single(operator, [fed(x, elements)], given, options)),
  );

const softmax = (operator: string): OperatorEntry =>
  differentiable(
    operator,
    shape(1).chain((x) =>
      axisOf(x.length).map((axis) => single(operator, [fed(x, uniform(-2, 2))], { axis: int(axis) })),
    ),
  );

const attribute = (name: string, low: number, high: number): fc.Arbitrary<Attributes> =>
  fc.double({ min: low, max: high, noNaN: true }).map((value) => ({ [name]: float(value) }));

/** Cases of the activation functions. */
export const activationCases: readonly OperatorEntry[] = [
  activation("Relu", distinct(), undefined, {}),
  activation("Sigmoid", uniform(-3, 3), undefined, {}),
  activation("Tanh", uniform(-2, 2), undefined, {}),
  activation("Softplus", uniform(-3, 3)),
  activation("LeakyRelu", distinct(), attribute("alpha", 0.01, 0.9)),
  activation("Elu", distinct(), attribute("alpha", 0.2, 2)),
  activation(
    "Gelu",
    uniform(-3, 3),
    fc.constantFrom("none", "tanh").map((approximate) => ({ approximate: string(approximate) })),
  ),
  softmax("Softmax"),
  softmax("LogSoftmax"),
];
