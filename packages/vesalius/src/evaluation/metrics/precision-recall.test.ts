import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { averagePrecision, precisionRecallCurve } from "./precision-recall.ts";

const rows = fc.array(
  fc.record({ label: fc.integer({ min: 0, max: 1 }), score: fc.integer({ min: 0, max: 8 }).map((n) => n / 8) }),
  { minLength: 1, maxLength: 60 },
);

/** The definition, by brute force: every distinct score is a threshold. */
function averagePrecisionByThresholds(labels: number[], scores: number[]): number {
  const positives = labels.filter((label) => label === 1).length;
  if (positives === 0) return 0;
  let sum = 0;
  let lastRecall = 0;
  for (const threshold of [...new Set(scores)].sort((a, b) => b - a)) {
    const called = labels.filter((_, i) => scores[i]! >= threshold);
    const hits = called.filter((label) => label === 1).length;
    sum += (hits / positives - lastRecall) * (hits / called.length);
    lastRecall = hits / positives;
  }
  return sum;
}

describe("averagePrecision", () => {
  test("is the step sum over all thresholds", () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const labels = drawn.map((row) => row.label);
        const scores = drawn.map((row) => row.score);
        expect(averagePrecision(labels, scores)).toBeCloseTo(averagePrecisionByThresholds(labels, scores), 12);
      }),
    );
  });

  test("of a model that says nothing is the share of positives", () => {
    expect(averagePrecision([0, 1, 0, 0], [0.3, 0.3, 0.3, 0.3])).toBe(0.25);
  });
});

describe("precisionRecallCurve", () => {
  test("has recall that rises to one and the share of positives as its last precision", () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const labels = drawn.map((row) => row.label);
        const curve = precisionRecallCurve(
          labels,
          drawn.map((row) => row.score),
        );
        expect(curve.recall.at(-1)).toBe(1);
        expect(curve.precision.at(-1)).toBeCloseTo(labels.filter((label) => label === 1).length / labels.length, 12);
        for (let i = 1; i < curve.recall.length; i++) {
          expect(curve.recall[i]).toBeGreaterThanOrEqual(curve.recall[i - 1]!);
        }
      }),
    );
  });
});
