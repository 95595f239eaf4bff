import * as fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../common/random.ts";
import { drawToken, logProbabilityOf, logSoftmax } from "./probabilities.ts";

test("probabilities are positive and add up to 1, also for logits that would overflow", () => {
  const logits = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(logits, (numbers) => {
      const row = Float32Array.from(numbers);
      const sum = logSoftmax(row).reduce((total, x) => total + Math.exp(x), 0);
      expect(sum).toBeCloseTo(1, 4);
      for (let token = 0; token < row.length; token++)
        expect(logProbabilityOf(row, token)).toBeCloseTo(logSoftmax(row)[token]!, 3);
    }),
  );
});

test("drawn tokens have the frequencies of the distribution", () => {
  const logits = Float32Array.of(0, 1, 2, -Infinity, 0.5, -3);
  const expected = logSoftmax(logits).map(Math.exp);
  const random = randomStream(5, "draws");
  const draws = 20_000;
  const counts = new Float64Array(logits.length);
  for (let i = 0; i < draws; i++) counts[drawToken(logits, random.uniform())]!++;
  expect(counts[3]).toBe(0);
  let chiSquare = 0;
  for (const [token, probability] of expected.entries())
    if (probability > 0) chiSquare += (counts[token]! - draws * probability) ** 2 / (draws * probability);
  // 99.9% point of chi-square with 4 degrees of freedom.
  expect(chiSquare).toBeLessThan(18.47);
});

test("the ends of the unit interval give the first and last token that is possible", () => {
  const logits = Float32Array.of(-Infinity, 0, 0, -Infinity);
  expect(drawToken(logits, 0)).toBe(1);
  expect(drawToken(logits, 1 - 2 ** -32)).toBe(2);
});

test("logits that are no numbers are refused", () => {
  for (const row of [
    [0, NaN],
    [NaN, NaN],
    [NaN, -Infinity],
  ])
    expect(() => logSoftmax(Float32Array.from(row))).toThrow(/not all numbers/);
});
