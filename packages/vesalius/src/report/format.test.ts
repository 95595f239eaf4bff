import * as fc from "fast-check";
import { expect, test } from "vitest";
import { estimateText, formatCount, formatEstimate, formatNumber, formatPercent, formatTick, wrap } from "./format.ts";

test.each([
  [formatNumber(0.12345), "0.123"],
  [formatNumber(-0.5, 1), "−0.5"],
  [formatNumber(-0.0001), "0.000"],
  [formatNumber(NaN), "–"],
  [formatCount(1234567), "1\u2009234\u2009567"],
  [formatPercent(0.4567), "45.7%"],
  [formatTick(0.30000000000000004), "0.3"],
  [formatTick(6000), "6\u2009000"],
  [formatTick(0), "0"],
  [formatEstimate({ value: 0.9, lower: 0.85, upper: 0.95 }, 2), "0.90 (0.85–0.95)"],
  [formatEstimate({ value: 0.1, lower: -0.2, upper: 0.3 }, 1), "0.1 (−0.2 to 0.3)"],
  [formatEstimate({ value: 0.9, lower: null, upper: null }), "0.900"],
  [estimateText({ value: null, lower: null, upper: null, reason: "no case of nv" }), "–; no case of nv"],
])("%s", (actual, expected) => {
  expect(actual).toBe(expected);
});

test("wrapped text fits its lines and loses words only where an ellipsis says so", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom(..."abc".split("")), minLength: 1, maxLength: 12 }), { maxLength: 8 }),
      fc.integer({ min: 4, max: 20 }),
      fc.integer({ min: 1, max: 3 }),
      (words, width, lines) => {
        const wrapped = wrap(words.join(" "), width, lines);
        expect(wrapped.length).toBeLessThanOrEqual(lines);
        for (const line of wrapped) expect(line.length).toBeLessThanOrEqual(width);
        if (!wrapped.some((line) => line.endsWith("…"))) expect(wrapped.join(" ")).toBe(words.join(" "));
      },
    ),
  );
});
