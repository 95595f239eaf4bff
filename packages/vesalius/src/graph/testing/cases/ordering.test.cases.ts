import * as fc from "fast-check";
import { int, string } from "../../attributes.ts";
import { elementTypeCode } from "../../onnx/data-types.ts";
import type { DataType } from "../../../common/tensor.ts";
import type { TestInput } from "../finite-difference.ts";
import {
  axisOf,
  differentiable,
  distinct,
  fed,
  integersIn,
  type OperatorEntry,
  shape,
  single,
  typesOnly,
  vector,
} from "./arbitraries.test.cases.ts";

const flag = fc.integer({ min: 0, max: 1 });

const topK = shape(1, 3, 5).chain((x) =>
  axisOf(x.length).chain((axis) =>
    fc
      .tuple(fc.integer({ min: 1, max: x.at(axis)! }), flag)
      .map(([count, largest]) =>
        single(
          "TopK",
          [fed(x, distinct()), vector([count])],
          { axis: int(axis), largest: int(largest) },
          { outputCount: 2 },
        ),
      ),
  ),
);

const number = (value: number, dtype: DataType): TestInput => ({
  shape: [],
  dtype,
  elements: { kind: "values", values: [value] },
  constant: true,
});

const range = fc
  .tuple(
    fc.constantFrom<DataType[]>("int64", "int32", "float32"),
    fc.integer({ min: -5, max: 5 }),
    fc.integer({ min: -5, max: 9 }),
    fc.constantFrom(1, 2, 3, -1, -2),
  )
  .map(([dtype, ...bounds]) =>
    single(
      "Range",
      bounds.map((bound) => number(bound, dtype)),
    ),
  );

const bits = integersIn(0, 1);

const nonZero = shape(1, 3).map((x) => {
  const elements = Array.from({ length: x.reduce((product, extent) => product * extent, 1) }, (_, i) => (i * 7) % 3);
  return single("NonZero", [
    { shape: x, dtype: "int64", elements: { kind: "values", values: elements }, constant: true },
  ]);
});

const oneHot = shape(1, 3).chain((x) =>
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: -x.length - 1, max: x.length }))
    .map(([depth, axis]) =>
      single(
        "OneHot",
        [
          fed(x, integersIn(0, depth - 1), "int64"),
          number(depth, "int64"),
          { ...fed([2], bits, "float32"), constant: true },
        ],
        { axis: int(axis) },
      ),
    ),
);

const trilu = fc
  .tuple(shape(2, 4), fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined }), flag)
  .map(([x, diagonal, upper]) =>
    single("Trilu", [fed(x), ...(diagonal === undefined ? [] : [number(diagonal, "int64")])], { upper: int(upper) }),
  );

const image = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  channels: fc.integer({ min: 1, max: 2 }),
  height: fc.integer({ min: 1, max: 3 }),
  width: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 1, max: 3 }),
});

/** Cases of the operators along the order of elements, of masks and of blocks. */
export const orderingCases: readonly OperatorEntry[] = [
  differentiable("TopK", topK),
  differentiable(
    "CumSum",
    shape(1, 3).chain((x) =>
      fc
        .tuple(axisOf(x.length), flag, flag)
        .map(([axis, exclusive, reverse]) =>
          single("CumSum", [fed(x), number(axis, "int64")], { exclusive: int(exclusive), reverse: int(reverse) }),
        ),
    ),
  ),
  typesOnly("Range", range),
  typesOnly("NonZero", nonZero),
  typesOnly("OneHot", oneHot),
  typesOnly(
    "EyeLike",
    fc
      .tuple(shape(2, 2), fc.integer({ min: -2, max: 2 }), fc.option(fc.constantFrom<DataType[]>("float32", "int64")))
      .map(([x, k, dtype]) =>
        single("EyeLike", [fed(x)], { k: int(k), ...(dtype ? { dtype: int(elementTypeCode(dtype)) } : {}) }),
      ),
  ),
  differentiable("Trilu", trilu),
  differentiable(
    "DepthToSpace",
    fc.tuple(image, fc.constantFrom("DCR", "CRD")).map(([{ batch, channels, height, width, size }, mode]) =>
      single("DepthToSpace", [fed([batch, channels * size * size, height, width])], {
        blocksize: int(size),
        mode: string(mode),
      }),
    ),
  ),
  differentiable(
    "SpaceToDepth",
    image.map(({ batch, channels, height, width, size }) =>
      single("SpaceToDepth", [fed([batch, channels, height * size, width * size])], { blocksize: int(size) }),
    ),
  ),
];
