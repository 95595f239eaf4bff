import * as fc from "fast-check";
import { expect, test } from "vitest";
import { wilsonInterval } from "./wilson-interval.ts";

test.each([
  [0.5, 10, 0.236593, 0.763407],
  [0, 10, 0, 0.277533],
  [0.9, 100, 0.825634, 0.94477],
])("of %d in %d cases", (share, count, lower, upper) => {
  const interval = wilsonInterval(share, count);
  expect(interval.lower).toBeCloseTo(lower, 5);
  expect(interval.upper).toBeCloseTo(upper, 5);
});

test("holds the share, stays within [0, 1] and narrows with more cases", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, fraction) => {
      const share = Math.round(fraction * count) / count;
      const few = wilsonInterval(share, count);
      const many = wilsonInterval(share, 10 * count);
      expect(few.lower).toBeGreaterThanOrEqual(0);
      expect(few.upper).toBeLessThanOrEqual(1);
      expect(few.lower).toBeLessThanOrEqual(share + 1e-12);
      expect(few.upper).toBeGreaterThanOrEqual(share - 1e-12);
      expect(many.upper - many.lower).toBeLessThan(few.upper - few.lower);
    }),
  );
});
