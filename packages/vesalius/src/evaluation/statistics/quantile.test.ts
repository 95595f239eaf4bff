import { expect, test } from "vitest";
import { quantileOfSorted } from "./quantile.ts";

test("quantiles interpolate as numpy does", () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((share) => quantileOfSorted([1, 2, 4, 8], share))).toEqual([1, 1.75, 3, 5, 8]);
  expect(quantileOfSorted([], 0.5)).toBeNaN();
  expect(quantileOfSorted([7], 0.975)).toBe(7);
});
