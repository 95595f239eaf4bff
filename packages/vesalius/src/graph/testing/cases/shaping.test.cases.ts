import * as fc from "fast-check";
import { int, ints, string } from "../../attributes.ts";
import { elementCount } from "../../../common/tensor.ts";
import {
  axisOf,
  broadcastableTo,
  differentiable,
  fed,
  type OperatorEntry,
  shape,
  single,
  vector,
} from "./arbitraries.test.cases.ts";

const reshapeCase = shape().chain((x) =>
  fc.shuffledSubarray(x, { minLength: x.length }).chain((order) =>
    fc.tuple(fc.integer({ min: 0, max: order.length }), fc.boolean()).map(([open, merge]) => {
      const target = merge && order.length > 1 ? [elementCount(order.slice(0, 2)), ...order.slice(2)] : [...order];
      if (open < target.length) target[open] = -1;
      return single("Reshape", [fed(x), vector(target)]);
    }),
  ),
);

/** Extents of 1 at random places, which Squeeze removes. */
const withOnes = shape().chain((x) =>
  fc.array(fc.boolean(), { minLength: x.length, maxLength: x.length }).map((ones) => ({
    x: x.map((extent, i) => (ones[i] ? 1 : extent)),
    axes: ones.flatMap((one, i) => (one ? [i] : [])),
  })),
);

const squeeze = fc.tuple(withOnes, fc.constantFrom("all", "front", "back")).map(([{ x, axes }, form]) => {
  const given = form === "back" ? axes.map((axis) => axis - x.length) : axes;
  return single("Squeeze", [fed(x), ...(form === "all" || given.length === 0 ? [] : [vector(given)])]);
});

const unsqueeze = fc.tuple(shape(0, 3), fc.integer({ min: 1, max: 2 })).chain(([x, more]) => {
  const rank = x.length + more;
  return fc
    .tuple(
      fc.shuffledSubarray(
        Array.from({ length: rank }, (_, i) => i),
        { minLength: more, maxLength: more },
      ),
      fc.boolean(),
    )
    .map(([axes, fromEnd]) => single("Unsqueeze", [fed(x), vector(fromEnd ? axes.map((axis) => axis - rank) : axes)]));
});

const transposeCase = shape().chain((x) =>
  fc
    .tuple(
      fc.shuffledSubarray(
        x.map((_, i) => i),
        { minLength: x.length },
      ),
      fc.boolean(),
    )
    .map(([perm, given]) => single("Transpose", [fed(x)], given ? { perm: ints(perm) } : {})),
);

const joined = shape(1, 4, 3).chain((x) =>
  fc
    .tuple(axisOf(x.length), fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }))
    .map(([axis, sizes]) => {
      const at = axis < 0 ? axis + x.length : axis;
      return { x, axis, sizes, parts: sizes.map((size) => x.map((extent, i) => (i === at ? size : extent))), at };
    }),
);

const splitCase = fc.tuple(joined, fc.boolean()).map(([{ x, axis, at, sizes }, even]) => {
  const total = even ? sizes.length * 2 - (sizes.length > 1 ? 1 : 0) : sizes.reduce((sum, size) => sum + size, 0);
  const whole = x.map((extent, i) => (i === at ? total : extent));
  const options = { outputCount: sizes.length };
  return even
    ? single("Split", [fed(whole)], { axis: int(axis), num_outputs: int(sizes.length) }, options)
    : single("Split", [fed(whole), vector(sizes)], { axis: int(axis) }, options);
});

const bounds = fc.record({
  start: fc.oneof(fc.integer({ min: -6, max: 6 }), fc.constantFrom(-(2 ** 40), 2 ** 40)),
  end: fc.oneof(fc.integer({ min: -6, max: 6 }), fc.constantFrom(-(2 ** 40), 2 ** 40)),
  step: fc.constantFrom(1, 1, 2, 3, -1, -2, -3),
});

const sliceCase = shape(1, 3, 6).chain((x) =>
  fc
    .tuple(
      fc.shuffledSubarray(
        x.map((_, i) => i),
        { minLength: 1 },
      ),
      fc.array(bounds, { minLength: x.length, maxLength: x.length }),
      fc.boolean(),
    )
    .map(([axes, all, fromEnd]) => {
      const chosen = axes.map((axis) => all[axis]!);
      return single("Slice", [
        fed(x),
        vector(chosen.map(({ start }) => start)),
        vector(chosen.map(({ end }) => end)),
        vector(fromEnd ? axes.map((axis) => axis - x.length) : axes),
        vector(chosen.map(({ step }) => step)),
      ]);
    }),
);

const padCase = shape(1, 3).chain((x) =>
  fc
    .tuple(
      fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 2 * x.length, maxLength: 2 * x.length }),
      fc.boolean(),
    )
    .map(([pads, someAxis]) => {
      // A crop may not take more than there is.
      const safe = pads.map((count, i) => (x[i % x.length]! < 3 ? Math.max(count, 0) : count));
      return someAxis
        ? single("Pad", [fed(x), vector([safe[0]!, safe[x.length]!]), undefined, vector([-x.length])])
        : single("Pad", [fed(x), vector(safe)]);
    }),
);

/** Paddings that repeat the input; each side stays smaller than the axis. */
const mirroredPad = fc.tuple(shape(1, 3, 4, 2), fc.constantFrom("reflect", "edge", "wrap")).chain(([x, mode]) =>
  fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2 * x.length, maxLength: 2 * x.length }).map((pads) => {
    const safe = pads.map((count, i) => Math.min(count, x[i % x.length]! - 1));
    return {
      ...single("Pad", [fed(x), vector(safe)], { mode: string(mode) }),
      // «wrap» came with opset 19.
      ...(mode === "wrap" ? { opset: 19 } : {}),
    };
  }),
);

/** Cases of the operators that move elements. */
export const shapingCases: readonly OperatorEntry[] = [
  differentiable("Reshape", reshapeCase),
  differentiable(
    "Flatten",
    shape(1).chain((x) =>
      fc.integer({ min: -x.length, max: x.length }).map((axis) => single("Flatten", [fed(x)], { axis: int(axis) })),
    ),
  ),
  differentiable("Squeeze", squeeze),
  differentiable("Unsqueeze", unsqueeze),
  differentiable(
    "Identity",
    shape().map((x) => single("Identity", [fed(x)])),
  ),
  differentiable("Transpose", transposeCase),
  differentiable(
    "Concat",
    joined.map(({ parts, axis }) =>
      single(
        "Concat",
        parts.map((part) => fed(part)),
        { axis: int(axis) },
      ),
    ),
  ),
  differentiable("Split", splitCase),
  differentiable("Slice", sliceCase),
  differentiable(
    "Expand",
    shape().chain((target) =>
      fc.tuple(broadcastableTo(target), broadcastableTo(target)).map(([x, y]) => single("Expand", [fed(x), vector(y)])),
    ),
  ),
  differentiable(
    "Tile",
    shape(1, 3, 3).chain((x) =>
      fc
        .array(fc.integer({ min: 1, max: 3 }), { minLength: x.length, maxLength: x.length })
        .map((repeats) => single("Tile", [fed(x), vector(repeats)])),
    ),
  ),
  differentiable("Pad", fc.oneof({ arbitrary: padCase, weight: 2 }, { arbitrary: mirroredPad, weight: 1 })),
];
