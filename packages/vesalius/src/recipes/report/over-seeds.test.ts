import { describe, expect, it } from "vitest";
import { groupBy, meanFigure, summariseLabelEfficiency } from "./over-seeds.ts";
import type { LabelEfficiencyRecord } from "../run/stage-record.ts";
import { energyOf } from "../../trust/index.ts";

const record = (method: string, images: number, seed: number, score: number | null): LabelEfficiencyRecord => ({
  kind: "labelEfficiency",
  stage: `${method}-${images}-${seed}`,
  fingerprint: "",
  cost: { seconds: 1, energy: energyOf(1, undefined) },
  seed,
  images,
  steps: 1,
  settings: {},
  history: [],
  time: { total: 1, engine: 1, waiting: 0, evaluation: 0 },
  method,
  trainedParameters: 1,
  parameters: 1,
  score,
});

describe("meanFigure", () => {
  it("gives the mean with the interval of Student's t", () => {
    const { value, lower, upper } = meanFigure([0.9, 0.92, 0.94]);
    // t(0.975, 2) = 4.3027; the standard deviation is 0.02.
    expect(value).toBeCloseTo(0.92, 12);
    expect(upper! - value!).toBeCloseTo((4.302_652_7 * 0.02) / Math.sqrt(3), 6);
    expect(value! - lower!).toBeCloseTo(upper! - value!, 12);
  });

  it("has no interval for a single value", () => {
    expect(meanFigure([0.5])).toEqual({ value: 0.5, lower: null, upper: null });
  });

  it("is not defined where a seed is not, as the others would flatter", () => {
    expect(meanFigure([0.5, null])).toMatchObject({ value: null, reason: "not defined for every seed" });
    expect(meanFigure([])).toMatchObject({ value: null });
  });
});

describe("summariseLabelEfficiency", () => {
  it("puts the seeds of a method and number of labels together, fewest labels first", () => {
    const points = summariseLabelEfficiency(
      [record("a", 48, 1, 0.9), record("a", 8, 1, 0.6), record("b", 8, 1, null), record("a", 8, 2, 0.8)],
      "rocAuc",
    );
    expect(points.map(({ method, images, scores }) => [method, images, scores])).toEqual([
      ["a", 8, [0.6, 0.8]],
      ["a", 48, [0.9]],
      ["b", 8, [null]],
    ]);
    expect(points[0]!.figure.value).toBeCloseTo(0.7, 12);
    expect(points[2]!.figure.value).toBeNull();
    // Student's t gives 0.7 ± 1.27.
    expect([points[0]!.figure.lower, points[0]!.figure.upper]).toEqual([0, 1]);
  });
});

describe("groupBy", () => {
  it("keeps the order of first occurrence", () => {
    expect([...groupBy(["b1", "a1", "b2"], (text) => text[0]!)]).toEqual([
      ["b", ["b1", "b2"]],
      ["a", ["a1"]],
    ]);
  });
});
