import * as fc from "fast-check";
import type { Attribute } from "../../value.ts";
import { type OperatorEntry, shape, single, typesOnly, vector } from "./arbitraries.test.cases.ts";

const heldValues: readonly [string, Attribute][] = [
  ["value", { kind: "tensor", value: { dtype: "float32", shape: [2, 1], data: Float32Array.of(1, 2) } }],
  ["value_float", { kind: "float", value: 0.5 }],
  ["value_floats", { kind: "floats", value: [0.5, 1] }],
  ["value_int", { kind: "int", value: -3 }],
  ["value_ints", { kind: "ints", value: [1, 2, 3] }],
];

const seven = { dtype: "int64", shape: [1], data: BigInt64Array.of(7n) } as const;

/** Cases of the operators that make tensors from nothing or from a shape. */
export const constantCases: readonly OperatorEntry[] = [
  typesOnly(
    "Constant",
    fc.constantFrom(...heldValues).map(([name, held]) => single("Constant", [], { [name]: held })),
  ),
  typesOnly(
    "ConstantOfShape",
    fc
      .tuple(shape(0, 3, 4, 0), fc.boolean())
      .map(([of, given]) =>
        single("ConstantOfShape", [vector(of)], given ? { value: { kind: "tensor", value: seven } } : {}),
      ),
  ),
];
