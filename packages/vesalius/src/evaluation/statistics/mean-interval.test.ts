import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meanInterval, studentT } from "./mean-interval.ts";

describe("studentT", () => {
  // Two-sided critical values as printed in tables of the t distribution.
  test.each([
    [0.95, 1, 12.7062],
    [0.95, 2, 4.3027],
    [0.95, 3, 3.1824],
    [0.95, 4, 2.7764],
    [0.95, 9, 2.2622],
    [0.99, 5, 4.0321],
    [0.9, 30, 1.6973],
    [0.95, 1000, 1.9623],
  ])("%d with %d degrees of freedom", (confidence, degrees, expected) => {
    expect(studentT(confidence, degrees)).toBeCloseTo(expected, 4);
  });
});

describe("meanInterval", () => {
  test("of three seeds", () => {
    const { estimate, lower, upper, standardDeviation, count } = meanInterval([0.9, 0.91, 0.92]);
    expect(estimate).toBeCloseTo(0.91, 12);
    expect(standardDeviation).toBeCloseTo(0.01, 12);
    expect(upper - estimate).toBeCloseTo((4.30265 * 0.01) / Math.sqrt(3), 6);
    expect(estimate - lower).toBeCloseTo(upper - estimate, 12);
    expect(count).toBe(3);
  });

  test("moves with the values and scales with them", () => {
    const runs = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(runs, fc.double({ min: 0.1, max: 5, noNaN: true }), (values, scale) => {
        const plain = meanInterval(values);
        const moved = meanInterval(values.map((value) => scale * value + 1));
        expect(moved.lower).toBeCloseTo(scale * plain.lower + 1, 6);
        expect(moved.upper).toBeCloseTo(scale * plain.upper + 1, 6);
      }),
    );
  });

  test("of one run has no interval", () => {
    const { estimate, lower, upper } = meanInterval([0.8]);
    expect(estimate).toBe(0.8);
    expect(lower).toBeNaN();
    expect(upper).toBeNaN();
  });

  test("refuses no runs, a failed run and an impossible confidence", () => {
    expect(() => meanInterval([])).toThrow(expect.objectContaining({ code: "bad-data" }));
    expect(() => meanInterval([0.9, NaN])).toThrow(/run 1/);
    expect(() => meanInterval([0.9, 0.8], { confidence: 95 })).toThrow(/write 95% as 0.95/);
  });
});
