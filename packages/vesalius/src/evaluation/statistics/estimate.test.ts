import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wilsonInterval } from "../../common/wilson-interval.ts";
import { estimateOf } from "./estimate.ts";
import type { Support } from "./support.ts";

const cases = (...sizes: number[]): Support => ({ unit: "case", sizes, mean: false });
const share = { range: [0, 1] as const, proportion: true };
const spread = Float64Array.from({ length: 1000 }, (_, i) => 0.8 + i / 10_000);

describe("estimateOf", () => {
  it("gives the percentile interval where there are cases enough", () => {
    const estimate = estimateOf({ estimate: 0.85, values: spread }, { ...share, support: cases(200) });
    expect(estimate.value).toBe(0.85);
    expect(estimate.lower).toBeCloseTo(0.8025, 3);
    expect(estimate.upper).toBeCloseTo(0.8974, 3);
    expect(estimate).not.toHaveProperty("caution");
  });

  it("says that an interval rests on few cases or groups", () => {
    const sample = { estimate: 0.85, values: spread };
    expect(estimateOf(sample, { ...share, support: cases(200, 12) }).caution).toBe("only 12 cases");
    const groups: Support = { unit: "group", sizes: [12], mean: false };
    expect(estimateOf(sample, { ...share, support: groups }).caution).toBe("only 12 groups");
  });

  it("gives Wilson's interval of a proportion that rests on a handful, whatever the bootstrap says", () => {
    // One positive case of a thousand: resamples keep it and vary the others alone.
    const narrow = { estimate: 0.97, values: spread.map((value) => value / 10 + 0.88) };
    const estimate = estimateOf(narrow, { ...share, support: cases(1, 999) });
    expect(estimate.lower).toBeCloseTo(wilsonInterval(0.97, 1).lower, 12);
    expect(estimate.lower!).toBeLessThan(0.25);
    expect(estimate.caution).toBe("only 1 case; Wilson's interval");
  });

  it("never shows an interval without a width: Wilson's for a proportion, none otherwise", () => {
    const certain = { estimate: 1, values: new Float64Array(100).fill(1) };
    const proportion = estimateOf(certain, { ...share, support: cases(50) });
    expect(proportion).toMatchObject({ value: 1, upper: 1, caution: expect.stringContaining("50 cases") as string });
    expect(proportion.lower).toBeCloseTo(wilsonInterval(1, 50).lower, 12);
    const other = estimateOf(certain, { range: [-1, 1], support: cases(50) });
    expect(other).toEqual({
      value: 1,
      lower: null,
      upper: null,
      reason: "no interval: every resample gives the same value",
    });
  });

  it("gives no bootstrap interval of what is no proportion on a handful of cases", () => {
    const estimate = estimateOf({ estimate: 0.85, values: spread }, { range: [0, 1], support: cases(9) });
    expect(estimate).toMatchObject({ lower: null, upper: null, reason: "no interval: it rests on 9 cases" });
  });

  it("lets a mean over classes rest on all of them, and warns of a small one", () => {
    const sample = { estimate: 0.85, values: spread };
    const mean: Support = { unit: "case", sizes: [2, 100, 100, 100, 100], mean: true };
    expect(estimateOf(sample, { range: [0, 1], support: mean })).toMatchObject({
      upper: expect.closeTo(0.8974, 3) as number,
      caution: "one part rests on only 2 cases",
    });
    const small: Support = { unit: "case", sizes: [2, 2], mean: true };
    expect(estimateOf(sample, { range: [0, 1], support: small }).lower).toBeNull();
  });

  it("says why where the cases or the resamples do not define it", () => {
    const support = cases(100);
    const undefinedValue = { estimate: NaN, values: spread };
    expect(estimateOf(undefinedValue, { ...share, support, undefinedReason: "no case of nv" })).toEqual({
      value: null,
      lower: null,
      upper: null,
      reason: "no case of nv",
    });
    const rarely = spread.map((value, i) => (i % 10 === 0 ? NaN : value));
    expect(estimateOf({ estimate: 0.85, values: rarely }, { ...share, support }).reason).toBe(
      "no interval: 10% of the resamples do not define it",
    );
    const never = spread.map(() => NaN);
    expect(estimateOf({ estimate: 0.85, values: never }, { ...share, support }).reason).toBe(
      "no interval: resamples do not define it",
    );
  });

  it("keeps the interval inside the metric's range, and the value inside the interval of few", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 200 }),
        (value, values, size) => {
          const sample = { estimate: value, values: Float64Array.from(values) };
          const { lower, upper, caution } = estimateOf(sample, { ...share, support: cases(size) });
          expect(lower!).toBeGreaterThanOrEqual(0);
          expect(upper!).toBeLessThanOrEqual(1);
          if (size < 10) {
            expect(lower!).toBeLessThanOrEqual(value);
            expect(upper!).toBeGreaterThanOrEqual(value);
            expect(caution).toBe(`only ${size} case${size === 1 ? "" : "s"}; Wilson's interval`);
          }
        },
      ),
    );
  });
});
