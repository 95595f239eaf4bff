import { describe, expect, it } from "vitest";
import type { Metric } from "../evaluation.ts";
import { meanOverSeeds, overSeeds } from "./over-seeds.ts";

describe("meanOverSeeds", () => {
  it("gives the mean with the interval of Student's t", () => {
    const { value, lower, upper } = meanOverSeeds([0.9, 0.92, 0.94]);
    // t(0.975, 2) = 4.3027; the standard deviation is 0.02.
    expect(value).toBeCloseTo(0.92, 12);
    expect(upper! - value!).toBeCloseTo((4.302_652_7 * 0.02) / Math.sqrt(3), 6);
    expect(value! - lower!).toBeCloseTo(upper! - value!, 12);
  });

  it("keeps to the metric's range, and has no interval for a single value", () => {
    expect(meanOverSeeds([0.6, 0.8], [0, 1])).toMatchObject({ lower: 0, upper: 1 });
    const reason = "no interval: a single run";
    expect(meanOverSeeds([0.5])).toEqual({ value: 0.5, lower: null, upper: null, reason });
  });

  it("cautions of two runs, which one degree of freedom is all there is of, and not of three", () => {
    expect(meanOverSeeds([0.8, 0.81]).caution).toBe("only 2 runs");
    expect(meanOverSeeds([0.8, 0.81, 0.82])).not.toHaveProperty("caution");
  });

  it("has no interval where every seed gives the same value", () => {
    expect(meanOverSeeds([0.5, 0.5, 0.5])).toEqual({
      value: 0.5,
      lower: null,
      upper: null,
      reason: "no interval: every seed gives the same value",
    });
  });

  it("does not take rounding for a difference between seeds", () => {
    expect(meanOverSeeds([0.1 + 0.2, 0.3, 0.3])).toMatchObject({ lower: null, upper: null });
  });

  it("is not defined where a seed is not, as the others would flatter", () => {
    expect(meanOverSeeds([0.5, null])).toMatchObject({ value: null, reason: "not defined for every seed" });
    expect(meanOverSeeds([])).toMatchObject({ value: null });
  });
});

describe("overSeeds", () => {
  const distance: Metric = { label: "HD95", better: "lower", range: [0, Infinity], unit: "mm", meaning: "" };
  const run = (value: number | null) => ({ hausdorff: { value, lower: 1, upper: 9 } });

  it("averages each metric over the runs, within its range", () => {
    const { hausdorff } = overSeeds([run(1), run(3)], { hausdorff: distance });
    expect(hausdorff).toMatchObject({ value: 2, lower: 0 });
    expect(hausdorff!.upper!).toBeGreaterThan(10);
  });

  it("of runs on few cases is no more certain than they are, however well the seeds agree", () => {
    const metrics = { hausdorff: distance };
    const few = (value: number, lower: number, upper: number) => ({
      hausdorff: { value, lower, upper, caution: "only 1 case; Wilson's interval" },
    });
    expect(overSeeds([few(0.97, 0.2, 1), few(0.971, 0.21, 1)], metrics).hausdorff).toMatchObject({
      lower: 0.2,
      upper: 1,
      caution: "only 1 case; Wilson's interval; only 2 runs",
    });
    const none = { hausdorff: { value: 0.97, lower: null, upper: null, reason: "no interval: it rests on 1 case" } };
    expect(overSeeds([none, none], metrics).hausdorff).toEqual({ ...none.hausdorff });
  });

  it("of a single run is its own estimates, over the cases", () => {
    expect(overSeeds([run(2)], { hausdorff: distance })).toEqual(run(2));
    expect(overSeeds([], {})).toEqual({});
  });
});
