import * as fc from "fast-check";
import { int } from "../../attributes.ts";
import type { DataType } from "../../../common/tensor.ts";
import {
  axisOf,
  fed,
  integersIn,
  type OperatorEntry,
  shape,
  single,
  typesOnly,
  uniform,
} from "./arbitraries.test.cases.ts";

const integerType = fc.constantFrom<DataType[]>("int8", "uint8");

/** Data and the shape of its scale: one for all, one for each slice of an axis, one for each block along an axis. */
const layout = shape(2, 3).chain((x) =>
  fc
    .tuple(axisOf(x.length), fc.constantFrom("tensor", "axis", "block"), fc.integer({ min: 1, max: 2 }))
    .map(([axis, kind, size]) => {
      const at = axis < 0 ? axis + x.length : axis;
      if (kind === "tensor") return { x, scale: [], attributes: {} };
      if (kind === "axis") return { x, scale: [x[at]!], attributes: { axis: int(axis) } };
      const blocked = x.map((extent, i) => (i === at ? extent * size : extent));
      return { x: blocked, scale: x, attributes: { axis: int(axis), block_size: int(size) } };
    }),
);

const scales = uniform(0.1, 0.5);

/** Cases of quantization. */
export const quantizationCases: readonly OperatorEntry[] = [
  typesOnly(
    "QuantizeLinear",
    fc
      .tuple(layout, integerType, fc.boolean())
      .map(([{ x, scale, attributes }, dtype, withZero]) =>
        single(
          "QuantizeLinear",
          [fed(x), fed(scale, scales), ...(withZero ? [fed(scale, integersIn(0, 9), dtype)] : [])],
          attributes,
          { precision: "float32" },
        ),
      ),
  ),
  typesOnly(
    "DequantizeLinear",
    fc
      .tuple(layout, integerType, fc.boolean())
      .map(([{ x, scale, attributes }, dtype, withZero]) =>
        single(
          "DequantizeLinear",
          [
            fed(x, integersIn(0, 9), dtype),
            fed(scale, scales),
            ...(withZero ? [fed(scale, integersIn(0, 9), dtype)] : []),
          ],
          attributes,
          { precision: "float32" },
        ),
      ),
  ),
];
