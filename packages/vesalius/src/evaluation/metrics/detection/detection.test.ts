import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { expectedOf, expectMetric, metricCases, type MetricCase } from "../../../testing/metric-cases.node.ts";
import { boxOverlap, type ImageBoxes } from "./boxes.ts";
import { detectionStatistic } from "./detection.ts";

const bbox = z.tuple([z.number(), z.number(), z.number(), z.number()]);

function imagesOf({ inputs }: MetricCase): ImageBoxes[] {
  const truth = z.array(z.object({ image: z.number(), category: z.number(), bbox })).parse(inputs["ground_truth"]);
  const detections = z
    .array(z.object({ image: z.number(), category: z.number(), bbox, score: z.number() }))
    .parse(inputs["detections"]);
  const boxOf = (one: { category: number; bbox: z.infer<typeof bbox> }) => ({
    box: one.bbox,
    category: String(one.category),
  });
  return z
    .array(z.number())
    .parse(inputs["images"])
    .map((image) => ({
      truth: truth.filter((one) => one.image === image).map(boxOf),
      detections: detections.filter((one) => one.image === image).map((one) => ({ ...boxOf(one), score: one.score })),
    }));
}

describe("COCO's evaluation gives the same", () => {
  test.each(metricCases("detection_map"))("$id", (one) => {
    const expected = expectedOf(one);
    const scores = detectionStatistic(imagesOf(one))();
    // COCO writes -1 for what is not defined.
    const same = (value: number, wanted: unknown) => expectMetric(() => value, wanted === -1 ? "NaN" : wanted);
    same(scores.averagePrecision, expected["map_50_95"]);
    same(scores.averagePrecision50, expected["map_50"]);
    same(scores.averagePrecision75, expected["map_75"]);
    same(scores.averageRecall, expected["ar_100"]);
    const categories = z.array(z.number()).parse(one.inputs["categories"]);
    for (const [i, wanted] of z.array(z.number()).parse(expected["ap50_per_category"]).entries()) {
      same(scores.perCategory[String(categories[i])]!.averagePrecision50, wanted);
    }
  });
});

const box = fc
  .tuple(...[0, 0, 1, 1].map((min) => fc.integer({ min, max: 6 })))
  .map(([x, y, width, height]) => [x!, y!, width!, height!] as const);
const category = fc.constantFrom("nodule", "mass");
const image = fc.record({
  truth: fc.array(fc.record({ box, category }), { maxLength: 4 }),
  detections: fc.array(fc.record({ box, category, score: fc.integer({ min: 0, max: 9 }) }), { maxLength: 5 }),
});

describe("detectionStatistic", () => {
  test("weighs an image as if it were repeated", () => {
    const weighted = fc.array(fc.tuple(image, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weighted, (drawn) => {
        // Scores of different images never tie, since then the order would be a matter of chance.
        const images = drawn.map(([{ truth, detections }], i) => ({
          truth,
          detections: detections.map((one, j) => ({ ...one, score: one.score + i / 100 + j / 1000 })),
        }));
        const weights = drawn.map(([, weight]) => weight);
        const copies = images.flatMap((one, i) => Array.from({ length: weights[i]! }, () => one));
        if (copies.length === 0) return;
        const found = detectionStatistic(images)(weights);
        const expected = detectionStatistic(copies)();
        for (const name of ["averagePrecision", "averagePrecision50", "averageRecall"] as const) {
          if (Number.isNaN(expected[name])) expect(found[name]).toBeNaN();
          else expect(found[name], name).toBeCloseTo(expected[name], 12);
        }
      }),
    );
  });

  test("is 1 for finding exactly what is there, and an overlap is symmetric", () => {
    fc.assert(
      fc.property(image, box, box, ({ truth }, a, b) => {
        expect(boxOverlap(a, b)).toBe(boxOverlap(b, a));
        expect(boxOverlap(a, a)).toBe(1);
        const scores = detectionStatistic([{ truth, detections: truth.map((one) => ({ ...one, score: 1 })) }])();
        if (truth.length === 0) expect(scores.averagePrecision).toBeNaN();
        else expect(scores.averagePrecision).toBeCloseTo(1, 12);
      }),
    );
  });

  test("refuses a broken box, a score that is not a number, and no images", () => {
    const one = { box: [0, 0, 1, 1] as const, category: "nodule", score: 1 };
    const detect = (change: object) => () => detectionStatistic([{ truth: [], detections: [{ ...one, ...change }] }]);
    expect(detect({ box: [0, 0, -1, 1] })).toThrow(expect.objectContaining({ code: "bad-data" }));
    expect(detect({ box: [0, NaN, 1, 1] })).toThrow(expect.objectContaining({ code: "bad-data" }));
    expect(detect({ score: NaN })).toThrow(expect.objectContaining({ code: "not-a-number" }));
    expect(() => detectionStatistic([])).toThrow(expect.objectContaining({ code: "bad-data" }));
  });
});
