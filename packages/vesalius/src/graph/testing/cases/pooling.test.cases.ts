import * as fc from "fast-check";
import { int, ints, string } from "../../attributes.ts";
import type { Attributes } from "../../value.ts";
import { differentiable, distinct, fed, type OperatorEntry, shape, single, uniform } from "./arbitraries.test.cases.ts";
import { each } from "./convolution.test.cases.ts";

/** Windows of one to three axes; pads stay below the kernel, as every runtime wants. */
const geometry = (dilated: boolean): fc.Arbitrary<{ shape: number[]; attributes: Attributes }> =>
  fc.constantFrom(1, 2, 2, 3).chain((rank) =>
    fc
      .record({
        kernel: each(rank, fc.integer({ min: 1, max: 3 })),
        strides: each(rank, fc.integer({ min: 1, max: 3 })),
        dilations: each(rank, fc.integer({ min: 1, max: dilated ? 2 : 1 })),
        pads: each(2 * rank, fc.integer({ min: 0, max: 1 })),
        room: each(rank, fc.integer({ min: 0, max: rank === 3 ? 2 : 4 })),
        autoPad: fc.constantFrom("NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"),
        ceilMode: fc.integer({ min: 0, max: 1 }),
        lead: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
        exact: fc.boolean(),
      })
      .map(({ kernel, strides, dilations, pads, room, autoPad, ceilMode, lead, exact }) => {
        const safe = pads.map((count, i) => Math.min(count, kernel[i % rank]! - 1));
        const extents = kernel.map((extent, i) =>
          exact ? extent * (room[i]! + 1) : (extent - 1) * dilations[i]! + 1 + room[i]!,
        );
        return {
          shape: [...lead, ...extents],
          attributes: {
            kernel_shape: ints(kernel),
            // ONNX Runtime refuses automatic padding where the windows leave gaps.
            strides: ints(
              exact
                ? kernel
                : strides.map((stride, i) => (autoPad.startsWith("SAME") ? Math.min(stride, kernel[i]!) : stride)),
            ),
            ...(dilated && !exact && !autoPad.startsWith("SAME") ? { dilations: ints(dilations) } : {}),
            ...(exact
              ? {}
              : autoPad === "NOTSET"
                ? { pads: ints(safe), ceil_mode: int(ceilMode) }
                : { auto_pad: string(autoPad) }),
          },
        };
      }),
  );

/** Cases of the poolings. */
export const poolingCases: readonly OperatorEntry[] = [
  differentiable(
    "MaxPool",
    fc
      .tuple(geometry(true), fc.integer({ min: 1, max: 2 }))
      .map(([{ shape, attributes }, outputCount]) =>
        single("MaxPool", [fed(shape, distinct())], attributes, { outputCount }),
      ),
  ),
  differentiable(
    "AveragePool",
    fc
      .tuple(geometry(false), fc.integer({ min: 0, max: 1 }))
      .map(([{ shape, attributes }, withPads]) =>
        single(
          "AveragePool",
          [fed(shape, uniform())],
          { ...attributes, count_include_pad: int(withPads) },
          { precision: "float32" },
        ),
      ),
  ),
  ...["GlobalAveragePool", "GlobalMaxPool"].map((operator) =>
    differentiable(
      operator,
      shape(3, 5, 3).map((x) => single(operator, [fed(x, distinct())], {}, { precision: "float32" })),
    ),
  ),
];
