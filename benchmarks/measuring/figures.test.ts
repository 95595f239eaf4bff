import { expect, test } from "vitest";
import { median, medianInterval } from "./figures.ts";

test("the median of an even number of values is the middle of the two in the middle", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("the interval of a median leaves out as many values as a fair coin allows", () => {
  // With 12 coins, 2 heads or fewer have a chance of 79 / 4096 = 1.9%, 3 or fewer 7.3%.
  const values = Array.from({ length: 12 }, (_, i) => i + 1).toReversed();
  expect(medianInterval(values)).toEqual({ value: 6.5, lower: 3, upper: 10 });
  // 20 coins: 5 or fewer 2.07%, 6 or fewer 5.8%.
  expect(medianInterval(Array.from({ length: 20 }, (_, i) => i + 1))).toEqual({ value: 10.5, lower: 6, upper: 15 });
  // 6 coins: none 1.6%; 5 coins: none 3.1%, more than allowed.
  expect(medianInterval([6, 5, 4, 3, 2, 1])).toEqual({ value: 3.5, lower: 1, upper: 6 });
  expect(medianInterval([1])).toEqual({ value: 1, lower: 1, upper: 1 });
});
