import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wilsonInterval } from "../../common/wilson-interval.ts";
import { randomStream } from "../../common/random.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";
import { bootstrapMany } from "./bootstrap.ts";
import { estimateOf, onFewCases } from "./estimate.ts";
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

  it("does not let a share be too certain where few cases are wrong, nor a mean over classes where one is small", () => {
    // 19 of 20 right: resamples give 0.85 to 1.
    const sample = { estimate: 0.95, values: Float64Array.from({ length: 1000 }, (_, i) => 0.85 + (0.15 * i) / 999) };
    const wide = estimateOf(sample, { range: [0, 1], proportion: "share", support: cases(20) });
    expect(wide.lower).toBeCloseTo(wilsonInterval(0.95, 20).lower, 12);
    expect(wide.lower!).toBeLessThan(0.8);
    expect(estimateOf(sample, { ...share, support: cases(20) }).lower).toBeGreaterThan(0.85);
    const even = { estimate: 0.85, values: spread };
    expect(estimateOf(even, { range: [0, 1], proportion: "share", support: cases(200) }).lower).toBeCloseTo(0.8025, 3);
    const mean: Support = { unit: "case", sizes: [1, 100, 100, 100], mean: true };
    const four = estimateOf(even, { range: [0, 1], proportion: "share", support: mean });
    expect(four.lower!).toBeLessThan(0.65);
    expect(four.caution).toBe("one part rests on only 1 case");
  });

  it("of a share covers the truth about as often as it says, near the end of the range too", () => {
    const random = randomStream(4, "coverage");
    const [count, truth, trials] = [40, 0.95, 200];
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const right = Float64Array.from({ length: count }, () => (random.uniform() < truth ? 1 : 0));
      const [of] = bootstrapMany((weights) => [{ share: weightedMean(right, weights) }], {
        count,
        seed: trial,
        resamples: 200,
      });
      const { lower, upper } = estimateOf(of!.share!, { range: [0, 1], proportion: "share", support: cases(count) });
      if (lower! <= truth && upper! >= truth) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.92);
  });

  it("puts what the cases are too few for into an estimate over something else", () => {
    const seeds = { value: 0.9, lower: 0.89, upper: 0.91 };
    expect(onFewCases(seeds, cases(4))).toEqual({
      value: 0.9,
      lower: null,
      upper: null,
      reason: "no interval: it rests on 4 cases",
    });
    expect(onFewCases(seeds, cases(12))).toEqual({ ...seeds, caution: "only 12 cases" });
    expect(onFewCases(seeds, cases(400))).toEqual(seeds);
  });

  it("does not take rounding for a width", () => {
    const rounded = { estimate: 0.1, values: Float64Array.from({ length: 100 }, (_, i) => 0.1 + i * 1e-9) };
    expect(estimateOf(rounded, { range: [0, Infinity], support: cases(100) })).toMatchObject({
      lower: null,
      upper: null,
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
