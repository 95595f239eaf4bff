import * as fc from "fast-check";
import { int, ints, string } from "../../attributes.ts";
import type { Attributes } from "../../value.ts";
import { differentiable, fed, type OperatorEntry, single } from "./arbitraries.test.cases.ts";

/** A list with one entry for each axis. */
export const each = <T>(rank: number, one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: rank, maxLength: rank });

const autoPad = fc.constantFrom("NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");

/** Kernels, strides, dilations and pads of one to three axes, and extents that hold the dilated kernel. */
const geometry = fc.constantFrom(1, 2, 2, 3).chain((rank) =>
  fc
    .record({
      kernel: each(rank, fc.integer({ min: 1, max: 3 })),
      strides: fc.oneof(fc.constant(Array.from({ length: rank }, () => 1)), each(rank, fc.integer({ min: 1, max: 3 }))),
      dilations: fc.oneof(
        fc.constant(Array.from({ length: rank }, () => 1)),
        each(rank, fc.integer({ min: 1, max: 2 })),
      ),
      pads: each(2 * rank, fc.integer({ min: 0, max: 2 })),
      room: each(rank, fc.integer({ min: 0, max: rank === 3 ? 2 : 4 })),
      autoPad,
      groups: fc.constantFrom(1, 1, 2),
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      withBias: fc.boolean(),
    })
    // ONNX Runtime has no automatic padding with dilation.
    .map((drawn) => (drawn.autoPad.startsWith("SAME") ? { ...drawn, dilations: drawn.kernel.map(() => 1) } : drawn))
    .map((drawn) => ({
      ...drawn,
      extents: drawn.kernel.map((extent, i) => (extent - 1) * drawn.dilations[i]! + 1 + drawn.room[i]!),
    })),
);

type Geometry = typeof geometry extends fc.Arbitrary<infer T> ? T : never;

const attributesOf = ({ kernel, strides, dilations, pads, autoPad, groups }: Geometry): Attributes => ({
  kernel_shape: ints(kernel),
  strides: ints(strides),
  dilations: ints(dilations),
  group: int(groups),
  ...(autoPad === "NOTSET" ? { pads: ints(pads) } : { auto_pad: string(autoPad) }),
});

const convolution = geometry.map((drawn) => {
  const { batch, groups, kernel, extents, withBias } = drawn;
  const [inside, outside] = drawn.channels;
  return single(
    "Conv",
    [
      fed([batch, groups * inside, ...extents]),
      fed([groups * outside, inside, ...kernel]),
      ...(withBias ? [fed([groups * outside])] : []),
    ],
    attributesOf(drawn),
    { precision: "float32" },
  );
});

/** Enough channels for a matrix product at each kernel position. */
const wideConvolution = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }))
  .map(([groups, stride]) =>
    single(
      "Conv",
      [fed([1, 16 * groups, 4, 3]), fed([2 * groups, 16, 3, 2])],
      { group: int(groups), pads: ints([1, 0, 1, 1]), strides: ints([stride, 1]) },
      { precision: "float32" },
    ),
  );

const transposed = fc.tuple(geometry, each(3, fc.integer({ min: 0, max: 1 }))).map(([drawn, extra]) => {
  const { batch, groups, kernel, strides, withBias } = drawn;
  const [inside, outside] = drawn.channels;
  const extents = drawn.room.map((count) => count + 2);
  const outputPadding = strides.map((stride, i) => Math.min(extra[i]!, stride - 1));
  // Pads may not eat the whole output.
  const pads = drawn.pads.map((count, i) => Math.min(count, kernel[i % kernel.length]! - 1, 1));
  return single(
    "ConvTranspose",
    [
      fed([batch, groups * inside, ...extents]),
      fed([groups * inside, outside, ...kernel]),
      ...(withBias ? [fed([groups * outside])] : []),
    ],
    { ...attributesOf({ ...drawn, pads }), output_padding: ints(outputPadding) },
    { precision: "float32" },
  );
});

/** Cases of the convolutions. */
export const convolutionCases: readonly OperatorEntry[] = [
  differentiable("Conv", fc.oneof({ arbitrary: convolution, weight: 9 }, { arbitrary: wideConvolution, weight: 1 })),
  differentiable("ConvTranspose", transposed),
];
