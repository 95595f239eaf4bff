import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brierScore, brierScoreMulticlass, logLoss, logLossMulticlass } from "./scoring-rules.ts";

const binary = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.double({ min: 0.001, max: 0.999, noNaN: true })), { minLength: 1 })
  .map((rows) => ({ labels: rows.map(([label]) => label), positive: rows.map(([, p]) => p) }));

describe("scoring rules", () => {
  test("the multi-class forms of two classes follow from the binary ones", () => {
    fc.assert(
      fc.property(binary, ({ labels, positive }) => {
        const scores = { labels, probabilities: positive.flatMap((p) => [1 - p, p]), classes: 2 };
        expect(brierScoreMulticlass(scores)).toBeCloseTo(2 * brierScore(labels, positive), 12);
        expect(logLossMulticlass(scores)).toBeCloseTo(logLoss(labels, positive), 9);
      }),
    );
  });

  test("are proper: no constant forecast beats the share of positives", () => {
    fc.assert(
      fc.property(binary, fc.double({ min: 0.001, max: 0.999, noNaN: true }), ({ labels }, other) => {
        const share = labels.reduce((sum, label) => sum + label, 0) / labels.length;
        const constant = (p: number) => labels.map(() => p);
        expect(brierScore(labels, constant(share))).toBeLessThanOrEqual(brierScore(labels, constant(other)) + 1e-12);
        expect(logLoss(labels, constant(share))).toBeLessThanOrEqual(logLoss(labels, constant(other)) + 1e-12);
      }),
    );
  });

  test("a certain mistake costs much, not infinitely much", () => {
    expect(logLoss([1], [0])).toBeCloseTo(-Math.log(1e-15), 9);
    expect(logLossMulticlass({ labels: [2], probabilities: [1, 0, 0], classes: 3 })).toBeCloseTo(34.538776, 5);
  });

  test("refuse what is no probability", () => {
    expect(() => brierScore([0, 1], [0.2, 1.4])).toThrow(expect.objectContaining({ code: "bad-data" }));
    expect(() => logLoss([0, 1], [0.2, -0.1])).toThrow(expect.objectContaining({ code: "bad-data" }));
    expect(() => brierScore([0, 1], [0.2, NaN])).toThrow(expect.objectContaining({ code: "not-a-number" }));
    expect(() => brierScore([], [])).toThrow(expect.objectContaining({ code: "bad-data" }));
  });
});
