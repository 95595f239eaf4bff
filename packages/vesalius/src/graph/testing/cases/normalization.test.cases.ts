import * as fc from "fast-check";
import { float, int, ints } from "../../attributes.ts";
import type { Attributes } from "../../value.ts";
import type { GraphCase, TestInput } from "../finite-difference.ts";
import {
  axisOf,
  differentiable,
  fed,
  type OperatorEntry,
  shape,
  single,
  type SingleOptions,
  uniform,
} from "./arbitraries.test.cases.ts";

/** A node of which only the first output is differentiated, though the others are there for the gradient rule. */
function firstOutput(
  operator: string,
  inputs: readonly (TestInput | undefined)[],
  attributes: Attributes,
  options: SingleOptions,
): GraphCase {
  const whole = single(operator, inputs, attributes, options);
  return { ...whole, build: (values, graph) => whole.build(values, graph).slice(0, 1) };
}

const single32 = { precision: "float32" } as const;
const epsilon = float(1e-2);
const scaleOf = (extents: readonly number[]): TestInput => fed(extents, uniform(0.5, 1.5));

const layerNormalization = fc.tuple(shape(1, 4, 4, 2), fc.boolean(), fc.boolean()).chain(([x, withBias, statistics]) =>
  axisOf(x.length).map((axis) => {
    const tail = x.slice(axis);
    return firstOutput(
      "LayerNormalization",
      [fed(x, uniform(-2, 2)), scaleOf(tail), withBias ? fed(tail) : undefined],
      { axis: int(axis), epsilon },
      statistics ? { outputCount: 3, precision: "float32" } : {},
    );
  }),
);

/** `[batch, channels, ...spatial]` with at least a few elements for each channel. */
const image = shape(3, 5, 3, 2);
const channels = (x: readonly number[]): number[] => [x[1]!];

const batchNormalization = fc
  .tuple(image, fc.constantFrom("stored", "training"), fc.constantFrom(0, 0.9))
  .map(([x, mode, momentum]) => {
    const statistic = (low: number, high: number): TestInput => ({
      ...fed(channels(x), uniform(low, high)),
      // In training mode the stored statistics do not reach the result.
      differentiable: mode === "stored",
    });
    return firstOutput(
      "BatchNormalization",
      [fed(x, uniform(-2, 2)), scaleOf(channels(x)), fed(channels(x)), statistic(-1, 1), statistic(0.5, 1.5)],
      { epsilon, ...(mode === "stored" ? {} : { training_mode: int(1), momentum: float(momentum) }) },
      { precision: "float32", outputCount: mode === "training" ? 3 : 1 },
    );
  });

const groupNormalization = fc
  .tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 2 }),
    shape(1, 3, 3, 2),
  )
  .map(([batch, groups, inGroup, spatial]) => {
    const x = [batch, groups * inGroup, ...spatial];
    return single(
      "GroupNormalization",
      [fed(x, uniform(-2, 2)), scaleOf(channels(x)), fed(channels(x))],
      { num_groups: int(groups), epsilon },
      single32,
    );
  });

/** Cases of the normalization layers. */
export const normalizationCases: readonly OperatorEntry[] = [
  differentiable("LayerNormalization", layerNormalization),
  differentiable("BatchNormalization", batchNormalization),
  differentiable(
    "InstanceNormalization",
    image.map((x) =>
      single(
        "InstanceNormalization",
        [fed(x, uniform(-2, 2)), scaleOf(channels(x)), fed(channels(x))],
        { epsilon },
        single32,
      ),
    ),
  ),
  differentiable("GroupNormalization", groupNormalization),
  differentiable(
    "RMSNormalization",
    shape(1, 4, 4, 2).chain((x) =>
      axisOf(x.length).map((axis) =>
        single("RMSNormalization", [fed(x, uniform(-2, 2)), scaleOf(x.slice(axis))], { axis: int(axis), epsilon }),
      ),
    ),
  ),
  differentiable(
    "MeanVarianceNormalization",
    fc
      .tuple(shape(4, 4, 3, 2), fc.constantFrom([0, 2, 3], [0, 1, 2, 3]))
      .map(([x, axes]) =>
        single("MeanVarianceNormalization", [fed(x, uniform(-2, 2))], { axes: ints(axes) }, single32),
      ),
  ),
];
