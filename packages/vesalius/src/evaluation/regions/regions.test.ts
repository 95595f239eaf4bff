import { describe, expect, it } from "vitest";
import { z } from "zod";
import { expectedOf, expectMetric, metricCases, type MetricCase } from "../../testing/metric-cases.node.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import type { LabelMap } from "./measure.ts";
import { regionsEvaluation } from "./regions.ts";

const extents = [16, 16];
const evaluation = regionsEvaluation({
  classes: ["background", "head", "tail"],
  together: { any: ["head", "tail"] },
  tolerance: 2,
});

/** Two squares of a size, moved to the right by some pixels of 2 mm. */
function squares(size: number, right = 0, classes: readonly number[] = [1, 2]): LabelMap {
  const data = new Uint8Array(256);
  for (const [i, index] of classes.entries())
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) data[(1 + 8 * i + y) * 16 + 2 + x + right] = index;
  return { extents, spacing: [2, 2], data };
}

const truths = Array.from({ length: 40 }, (_, row) => squares(4 + (row % 3)));
const measured = (answer: (row: number) => LabelMap | null) =>
  truths.map((truth, row) => evaluation.measure(truth, answer(row)));
const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("regionsEvaluation", () => {
  it("gives a sound report: each structure, their mean, and the whole", async () => {
    const report = await expectSound(
      evaluation,
      measured((row) => squares(4 + ((row + 1) % 3), row % 2)),
    );
    expect(report.breakdown.map(({ name, count }) => [name, count])).toEqual([
      ["head", 40],
      ["tail", 40],
      ["any", 40],
    ]);
    const [head, tail] = report.breakdown.map(({ metrics }) => metrics["dice"]!.value!);
    expect(valueOf(report, "dice")).toBeCloseTo((head! + tail!) / 2, 12);
    expect(report.details.structures[0]!.sizes.truth[0]).toBeCloseTo((16 * 4) / 1000, 12);
  });

  it("measures distances in millimetres, and keeps no map", () => {
    const [moved] = measured((row) => squares(4 + (row % 3), 1));
    expect(moved![0]).toMatchObject({ hausdorff95: 2, surfaceDice: 1, predicted: 16, reference: 16, voxel: 4 });
    expect(JSON.stringify(moved).length).toBeLessThan(1500);
    const pixels = regionsEvaluation({ classes: ["background", "head", "tail"], unit: "pixels" });
    expect(pixels.measure(truths[0]!, squares(4, 1))[0]!.hausdorff95).toBe(1);
    expect(pixels.metrics["hausdorff95"]!.unit).toBe("pixels");
  });

  it("is honest: what is further off scores worse, and swapped structures score nothing", () => {
    const [exact, near, far, swapped] = [
      measured((row) => squares(4 + (row % 3))),
      measured((row) => squares(4 + (row % 3), 1)),
      measured((row) => squares(4 + (row % 3), 3)),
      measured((row) => squares(4 + (row % 3), 0, [2, 1])),
    ].map((measures) => evaluateMeasures(evaluation, measures, { resamples: 10 }));
    for (const name of ["dice", "intersectionOverUnion", "surfaceDice"]) {
      expect(valueOf(exact!, name), name).toBe(1);
      expect(valueOf(near!, name), name).toBeGreaterThan(valueOf(far!, name));
    }
    expect(valueOf(swapped!, "dice")).toBe(0);
    // Together the two cover the same pixels, whatever they are called.
    expect(swapped!.breakdown[2]!.metrics["dice"]!.value).toBe(1);
    expect(valueOf(near!, "hausdorff95")).toBeLessThan(valueOf(far!, "hausdorff95"));
    expect(exact!.metrics["dice"]).toMatchObject({ upper: 1, caution: expect.stringContaining("Wilson") as string });
  });

  it("never lets a miss flatter: Dice 0, no distance, and a miss that is counted", () => {
    const hit = measured((row) => squares(4 + (row % 3), 1));
    const missed = measured((row) => (row % 4 === 0 ? null : squares(4 + (row % 3), 1)));
    const [all, some] = [hit, missed].map((measures) => evaluateMeasures(evaluation, measures, { resamples: 20 }));
    expect(valueOf(some!, "dice")).toBeCloseTo(0.75 * valueOf(all!, "dice"), 1);
    expect(valueOf(some!, "surfaceDice")).toBeCloseTo(0.75 * valueOf(all!, "surfaceDice"), 12);
    expect(valueOf(some!, "hausdorff95")).toBe(valueOf(all!, "hausdorff95"));
    expect(valueOf(some!, "missRate")).toBe(0.25);
    expect(some!.details.structures[0]).toMatchObject({ present: 40, missed: 10, absent: 0 });
  });

  it("counts what is invented where a structure is not there, and leaves it out of overlap", () => {
    const without = Array.from({ length: 40 }, (_, row) => squares(5, 0, row % 2 === 0 ? [1, 2] : [1]));
    const measures = without.map((truth, row) =>
      evaluation.measure(truth, squares(5, 0, row % 4 === 1 ? [1, 2] : [1])),
    );
    const { breakdown } = evaluateMeasures(evaluation, measures, { resamples: 20 });
    expect(breakdown[1]).toMatchObject({
      count: 20,
      metrics: { dice: { value: 0 }, falseAlarmRate: { value: 0.5 }, missRate: { value: 1 } },
    });
    expect(breakdown[1]!.metrics["hausdorff95"]).toMatchObject({ value: null });
    expect(breakdown[0]!.metrics).toMatchObject({ dice: { value: 1 }, falseAlarmRate: { value: null } });
  });

  describe("agrees with MONAI", () => {
    const one = (tolerance = 1) => regionsEvaluation({ classes: ["background", "region"], tolerance });
    function mapOf({ inputs, options }: MetricCase, name: string): LabelMap {
      const shape: number[] = [];
      for (let level = inputs[name]; Array.isArray(level); level = level[0] as unknown) shape.push(level.length);
      const data = z.array(z.number()).parse((inputs[name] as unknown[]).flat(Infinity));
      const spacing = z.array(z.number()).nullish().parse(options["spacing"]);
      return { data, extents: shape, spacing: spacing ?? shape.map(() => 1) };
    }
    const metricsOf = (evaluate: ReturnType<typeof one>, given: MetricCase) =>
      evaluate.statistic([evaluate.measure(mapOf(given, "reference"), mapOf(given, "prediction"))])().metrics;

    it.each(metricCases("dice_iou"))("Dice and IoU: $id", (given) => {
      const metrics = metricsOf(one(), given);
      expectMetric(() => metrics["dice"]!, expectedOf(given)["dice"]);
      expectMetric(() => metrics["intersectionOverUnion"]!, expectedOf(given)["iou"]);
    });

    it.each(metricCases("surface_distance_monai"))("distances: $id", (given) => {
      const metrics = metricsOf(one(), given);
      const expected = expectedOf(given);
      expectMetric(() => metrics["hausdorff95"]!, expected["hd95"], 2e-6);
      // Infinite there is undefined here, and counted as missed or invented.
      if (expected["assd"] === "Infinity") expect(metrics["averageSurfaceDistance"]).toBeNaN();
      else expectMetric(() => metrics["averageSurfaceDistance"]!, expected["assd"]);
    });

    it.each(metricCases("surface_dice_monai"))("surface Dice: $id", (given) => {
      const evaluate = one(z.number().parse(given.options["tolerance"]));
      const metrics = metricsOf(evaluate, given);
      // Of a case without the region there is nothing to share here.
      if (!Array.from(mapOf(given, "reference").data).includes(1)) expect(metrics["surfaceDice"]).toBeNaN();
      else expectMetric(() => metrics["surfaceDice"]!, given.expected);
    });
  });

  it.each([
    ["no structures", () => regionsEvaluation({ classes: ["background"] }), "bad-argument"],
    [
      "a whole of what is not named",
      () => regionsEvaluation({ classes: ["a", "b"], together: { c: ["d"] } }),
      "bad-argument",
    ],
    [
      "a value that is no class",
      () => evaluation.measure({ ...truths[0]!, data: new Uint8Array(256).fill(3) }, null),
      "bad-data",
    ],
    ["a volume without spacing", () => evaluation.measure({ extents, data: new Uint8Array(256) }, null), "bad-data"],
    [
      "another grid",
      () => evaluation.measure(truths[0]!, { extents: [8, 32], spacing: [2, 2], data: new Uint8Array(256) }),
      "shape-mismatch",
    ],
  ])("refuses %s", (_, evaluate, code) => {
    expect(evaluate).toThrow(expect.objectContaining({ code }));
  });
});
