import { describe, expect, test } from "vitest";
import { z } from "zod";
import { expectedOf, expectMetric, metricCases, type MetricCase } from "../../../testing/metric-cases.node.ts";
import { type Mask } from "./mask.ts";
import { countOverlap, diceCoefficient, intersectionOverUnion } from "./overlap.ts";
import { surfaceDistances } from "./surface-distances.ts";
import { averageSurfaceDistance, hausdorffDistance, surfaceDice } from "./surface-metrics.ts";

/** A nested array of zeros and ones as a mask. */
function maskOf({ inputs, options }: MetricCase, name: string): Mask {
  const shape: number[] = [];
  for (let level = inputs[name]; Array.isArray(level); level = level[0] as unknown) shape.push(level.length);
  const data = z.array(z.number()).parse((inputs[name] as unknown[]).flat(Infinity));
  const spacing = z.array(z.number()).nullish().parse(options["spacing"]);
  return { data, shape, ...(spacing ? { spacing } : {}) };
}

const masksOf = (one: MetricCase) => [maskOf(one, "prediction"), maskOf(one, "reference")] as const;

describe("MONAI gives the same", () => {
  test.each(metricCases("dice_iou"))("Dice and IoU: $id", (one) => {
    const expected = expectedOf(one);
    const counts = countOverlap(...masksOf(one));
    expectMetric(() => diceCoefficient(counts), expected["dice"]);
    expectMetric(() => diceCoefficient(counts, "count"), expected["dice_ignore_empty_false"]);
    expectMetric(() => intersectionOverUnion(counts), expected["iou"]);
    expectMetric(() => intersectionOverUnion(counts, "count"), expected["iou_ignore_empty_false"]);
  });

  test.each(metricCases("surface_distance_monai"))("surface distances: $id", (one) => {
    const expected = expectedOf(one);
    const distances = surfaceDistances(...masksOf(one));
    expectMetric(() => hausdorffDistance(distances), expected["hd"]);
    // MONAI interpolates percentiles in float32.
    expectMetric(() => hausdorffDistance(distances, 95), expected["hd95"], 2e-6);
    expectMetric(() => averageSurfaceDistance(distances), expected["assd"]);
    expectMetric(() => averageSurfaceDistance(distances, { directed: true }), expected["asd"]);
    // The directed percentile is that of the prediction's surface alone.
    const { ofPrediction } = distances;
    if (typeof expected["hd95_directed"] === "number") {
      const oneWay = { ofPrediction, ofReference: ofPrediction };
      expectMetric(() => hausdorffDistance(oneWay, 95), expected["hd95_directed"], 2e-6);
    }
  });

  test.each(metricCases("surface_dice_monai"))("surface Dice: $id", (one) => {
    const tolerance = z.number().parse(one.options["tolerance"]);
    expectMetric(() => surfaceDice(surfaceDistances(...masksOf(one)), tolerance), one.expected);
  });

  test("the fixtures hold flat and deep masks", () => {
    const ranks = new Set(metricCases("dice_iou").map((one) => maskOf(one, "reference").shape.length));
    expect(ranks).toEqual(new Set([2, 3]));
  });
});
