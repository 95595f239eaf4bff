import * as fc from "fast-check";
import { int, string } from "../../attributes.ts";
import { elementTypeCode } from "../../onnx/data-types.ts";
import {
  axisOf,
  differentiable,
  fed,
  integersIn,
  type OperatorEntry,
  shape,
  single,
  typesOnly,
} from "./arbitraries.test.cases.ts";

const gather = shape(1, 3).chain((x) =>
  fc
    .tuple(axisOf(x.length), shape(0, 2, 5), fc.constantFrom("int32" as const, "int64" as const))
    .map(([axis, of, dtype]) => {
      const extent = x.at(axis)!;
      // Fewer places than indices, so indices repeat; negative ones count from the end.
      return single("Gather", [fed(x), fed(of, integersIn(-extent, extent - 1), dtype)], { axis: int(axis) });
    }),
);

const gatherElements = shape(1, 3).chain((x) =>
  fc
    .tuple(axisOf(x.length), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 3 }))
    .map(([axis, sizes]) => {
      const at = axis < 0 ? axis + x.length : axis;
      const of = x.map((extent, i) => (i === at ? sizes[i]! : Math.min(extent, sizes[i]!)));
      return single("GatherElements", [fed(x), fed(of, integersIn(-x[at]!, x[at]! - 1), "int64")], { axis: int(axis) });
    }),
);

/** Indices into an axis, each different along it, so that no two updates meet. */
const scatterElementsReplace = shape(1, 3).chain((x) =>
  fc.tuple(axisOf(x.length), fc.integer({ min: 1, max: 4 })).chain(([axis, count]) => {
    const at = axis < 0 ? axis + x.length : axis;
    const of = x.map((extent, i) => (i === at ? Math.min(extent, count) : extent));
    const inner = of.slice(at + 1).reduce((product, extent) => product * extent, 1);
    return fc
      .shuffledSubarray(
        Array.from({ length: x[at]! }, (_, i) => i),
        { minLength: of[at]!, maxLength: of[at]! },
      )
      .map((places) => {
        const total = of.reduce((product, extent) => product * extent, 1);
        const values = Array.from({ length: total }, (_, i) => places[Math.floor(i / inner) % of[at]!]!);
        const indices = fed(of, { kind: "values", values }, "int64");
        return single("ScatterElements", [fed(x), indices, fed(of)], { axis: int(axis) });
      });
  }),
);

const scatterElementsAdd = shape(1, 3).chain((x) =>
  fc
    .tuple(axisOf(x.length), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 3 }))
    .map(([axis, sizes]) => {
      const at = axis < 0 ? axis + x.length : axis;
      const of = x.map((extent, i) => (i === at ? sizes[i]! : Math.min(extent, sizes[i]!)));
      const indices = fed(of, integersIn(-x[at]!, x[at]! - 1), "int64");
      return single("ScatterElements", [fed(x), indices, fed(of)], { axis: int(axis), reduction: string("add") });
    }),
);

/** Data, and indices of whole slices of it: `[...lead, depth]`. Indices stay below the smallest indexed extent. */
const slices = shape(1, 3).chain((x) =>
  fc.tuple(fc.integer({ min: 1, max: x.length }), shape(0, 2)).map(([depth, lead]) => ({
    x,
    indices: fed([...lead, depth], integersIn(0, Math.min(...x.slice(0, depth)) - 1), "int64"),
    updates: [...lead, ...x.slice(depth)],
  })),
);

/** Different rows of a tensor, so that no two updates meet. */
const rows = shape(1, 3).chain((x) =>
  fc
    .shuffledSubarray(
      Array.from({ length: x[0]! }, (_, i) => i),
      { minLength: 1 },
    )
    .map((places) => ({
      x,
      indices: fed([places.length, 1], { kind: "values", values: places }, "int64"),
      updates: [places.length, ...x.slice(1)],
    })),
);

/** Cases of gathering, scattering and conversion. */
export const indexingCases: readonly OperatorEntry[] = [
  differentiable(
    "Cast",
    shape().map((x) => single("Cast", [fed(x)], { to: int(elementTypeCode("float64")) })),
  ),
  typesOnly(
    "Shape",
    shape().chain((x) =>
      fc
        .tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }))
        .map(([start, end]) => single("Shape", [fed(x)], { start: int(start), end: int(end) })),
    ),
  ),
  typesOnly(
    "Size",
    shape().map((x) => single("Size", [fed(x)])),
  ),
  differentiable("Gather", gather),
  differentiable("GatherElements", gatherElements),
  differentiable("ScatterElements", fc.oneof(scatterElementsAdd, scatterElementsReplace)),
  differentiable(
    "ScatterND",
    fc.oneof(
      slices.map(({ x, indices, updates }) =>
        single("ScatterND", [fed(x), indices, fed(updates)], { reduction: string("add") }),
      ),
      rows.map(({ x, indices, updates }) => single("ScatterND", [fed(x), indices, fed(updates)])),
    ),
  ),
  differentiable(
    "GatherND",
    fc.oneof(
      slices.map(({ x, indices }) => single("GatherND", [fed(x), indices])),
      slices.chain(({ x, indices }) =>
        shape(1, 2, 2).map((batch) =>
          single("GatherND", [fed([...batch, ...x]), { ...indices, shape: [...batch, ...indices.shape] }], {
            batch_dims: int(batch.length),
          }),
        ),
      ),
    ),
  ),
];
