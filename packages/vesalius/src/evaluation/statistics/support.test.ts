import { describe, expect, it } from "vitest";
import { effectiveSize, supportOf } from "./support.ts";

describe("supportOf", () => {
  const positives = [1, 1, 1, 0, 0, 0];
  const negatives = positives.map((one) => 1 - one);

  it("counts cases, or the groups that hold at least one of them", () => {
    expect(supportOf({ sets: [positives, negatives] }, 6, undefined)).toEqual({
      unit: "case",
      sizes: [3, 3],
      mean: false,
    });
    const groups = ["a", "a", "b", "b", "c", "d"];
    expect(supportOf({ sets: [positives, negatives] }, 6, groups)).toEqual({
      unit: "group",
      sizes: [2, 3],
      mean: false,
    });
  });

  it("takes all cases for a metric that names none", () => {
    expect(supportOf(undefined, 6, undefined).sizes).toEqual([6]);
    expect(supportOf(undefined, 6, ["a", "a", "a", "a", "b", "b"]).sizes).toEqual([2]);
  });
});

describe("effectiveSize", () => {
  it("is that of the smallest set where all are needed", () => {
    expect(effectiveSize({ unit: "case", sizes: [3, 900], mean: false })).toBe(3);
  });

  it("is the number of cases with the variance of a mean over sets", () => {
    // Variance of the mean of two shares: (1/4) (v/4 + v/12) = v / 12.
    expect(effectiveSize({ unit: "case", sizes: [4, 12], mean: true })).toBeCloseTo(12, 12);
    expect(effectiveSize({ unit: "case", sizes: [30, 30], mean: true })).toBeCloseTo(60, 12);
  });
});
