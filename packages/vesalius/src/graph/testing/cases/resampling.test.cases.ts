import * as fc from "fast-check";
import { float, int, ints, string } from "../../attributes.ts";
import type { Attributes } from "../../value.ts";
import type { GraphCase, TestInput } from "../finite-difference.ts";
import { differentiable, fed, type OperatorEntry, single, vector } from "./arbitraries.test.cases.ts";
import { each } from "./convolution.test.cases.ts";

const scalesInput = (scales: readonly number[]): TestInput => ({
  shape: [scales.length],
  dtype: "float32",
  elements: { kind: "values", values: scales },
  constant: true,
});

const nearestCoordinates = fc.constantFrom("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric");
const coordinates = fc.oneof(nearestCoordinates, fc.constant("half_pixel_symmetric"));

const modes: fc.Arbitrary<Attributes> = fc.oneof(
  coordinates.map((given) => ({ mode: string("linear"), coordinate_transformation_mode: string(given) })),
  fc
    .tuple(nearestCoordinates, fc.constantFrom("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"))
    .map(([given, rounding]) => ({
      mode: string("nearest"),
      coordinate_transformation_mode: string(given),
      nearest_mode: string(rounding),
    })),
  fc.tuple(coordinates, fc.integer({ min: 0, max: 1 })).map(([given, exclude]) => ({
    mode: string("cubic"),
    coordinate_transformation_mode: string(given),
    exclude_outside: int(exclude),
    cubic_coeff_a: float(-0.5),
  })),
);

const resize = fc
  .record({
    attributes: modes,
    rank: fc.constantFrom(1, 2, 2, 3),
    lead: each(2, fc.integer({ min: 1, max: 2 })),
    extents: each(3, fc.integer({ min: 1, max: 5 })),
    sizes: each(3, fc.integer({ min: 1, max: 9 })),
    scales: each(3, fc.constantFrom(1, 2, 3, 0.5, 1.5, 0.7)),
    form: fc.constantFrom("sizes", "scales", "axes"),
  })
  .map(({ attributes, rank, lead, extents, sizes, scales, form }): GraphCase => {
    // Cubic kernels exist for images only.
    const isCubic = attributes["mode"]?.value === "cubic";
    const axes = isCubic ? 2 : rank;
    const x = [...lead, ...extents.slice(0, axes)];
    const factors = scales.slice(0, axes).map((scale, i) => Math.max(scale, 1 / extents[i]!));
    const whole = [...lead, ...sizes.slice(0, axes)];
    const inputs =
      form === "sizes"
        ? [fed(x), undefined, undefined, vector(whole)]
        : form === "scales"
          ? [fed(x), undefined, scalesInput([1, 1, ...factors])]
          : [fed(x), undefined, undefined, vector(sizes.slice(0, axes))];
    const given = form === "axes" ? { ...attributes, axes: ints(x.slice(2).map((_, i) => i + 2)) } : attributes;
    return {
      ...single("Resize", inputs, given, { precision: "float32" }),
      ...(attributes["coordinate_transformation_mode"]?.value === "half_pixel_symmetric" ? { opset: 19 } : {}),
    };
  });

/**
 * Grids of positions away from the kinks of the interpolation, which lie at whole elements: each is the middle of two
 * elements give or take a third, some of them outside the input.
 */
const gridSample = fc
  .record({
    x: fc
      .constantFrom(2, 2, 3)
      .chain((rank) => fc.tuple(each(2, fc.integer({ min: 1, max: 2 })), each(rank, fc.integer({ min: 2, max: 4 })))),
    positions: each(3, fc.integer({ min: 1, max: 3 })),
    steps: each(200, fc.tuple(fc.integer({ min: -1, max: 4 }), fc.double({ min: 0.2, max: 0.8, noNaN: true }))),
    alignCorners: fc.integer({ min: 0, max: 1 }),
    mode: fc.constantFrom("linear", "linear", "nearest"),
    padding: fc.constantFrom("zeros", "border"),
  })
  .map(({ x: [lead, extents], positions, steps, alignCorners, mode, padding }) => {
    const rank = extents.length;
    const grid = [lead[0]!, ...positions.slice(0, rank), rank];
    const count = grid.reduce((product, extent) => product * extent, 1);
    const values = Array.from({ length: count }, (_, i) => {
      const [whole, part] = steps[i % steps.length]!;
      // Nearest neighbours change half-way between elements instead.
      const place = whole + (mode === "nearest" ? (part - 0.5) * 0.8 : part);
      const extent = extents[rank - 1 - (i % rank)]!;
      return alignCorners ? (2 * place) / (extent - 1) - 1 : (2 * place + 1) / extent - 1;
    });
    return single(
      "GridSample",
      [fed([...lead, ...extents]), fed(grid, { kind: "values", values })],
      { align_corners: int(alignCorners), mode: string(mode), padding_mode: string(padding) },
      { precision: "float32" },
    );
  });

/** Cases of resampling. */
export const resamplingCases: readonly OperatorEntry[] = [
  differentiable("Resize", resize),
  differentiable("GridSample", gridSample),
];
