import * as fc from "fast-check";
import { int } from "../../attributes.ts";
import { elementTypeCode } from "../../onnx/data-types.ts";
import type { DataType } from "../../../common/tensor.ts";
import type { Elements } from "../finite-difference.ts";
import {
  broadcastable,
  fed,
  integersIn,
  type OperatorEntry,
  shape,
  single,
  typesOnly,
  uniform,
} from "./arbitraries.test.cases.ts";

const integerType = fc.constantFrom<DataType[]>("int32", "int64");

const binary = (operator: string, right: Elements = integersIn(-9, 9)): OperatorEntry =>
  typesOnly(
    operator,
    fc
      .tuple(broadcastable(2), integerType)
      .map(([[a, b], dtype]) => single(operator, [fed(a!, integersIn(-9, 9), dtype), fed(b!, right, dtype)])),
  );

const nonZero: Elements = { kind: "distinct", spacing: 2 };

/** Cases of index arithmetic on integers: signs, truncation, conversion between element types. */
export const integerFoldCases: readonly OperatorEntry[] = [
  ...["Add", "Sub", "Mul", "Max", "Min", "Equal", "Less", "GreaterOrEqual"].map((operator) => binary(operator)),
  binary("Div", nonZero),
  binary("Mod", nonZero),
  ...["Neg", "Abs"].map((operator) =>
    typesOnly(
      operator,
      fc.tuple(shape(), integerType).map(([x, dtype]) => single(operator, [fed(x, integersIn(-9, 9), dtype)])),
    ),
  ),
  typesOnly(
    "Cast",
    fc
      .tuple(
        shape(),
        fc.constantFrom<DataType[]>("float32", "int32", "int64", "float64", "bool", "uint8"),
        fc.constantFrom<DataType[]>("float32", "int32", "int64", "float64", "bool"),
      )
      .map(([x, from, to]) => {
        const elements =
          from === "bool" ? integersIn(0, 1) : from.startsWith("float") ? uniform(-9, 9) : integersIn(0, 9);
        return single("Cast", [fed(x, elements, from)], { to: int(elementTypeCode(to)) });
      }),
  ),
];
