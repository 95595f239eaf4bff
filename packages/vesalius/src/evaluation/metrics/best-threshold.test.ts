import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matthewsCorrelation } from "./agreement.ts";
import { bestThreshold, type ThresholdMetric } from "./best-threshold.ts";
import { balancedAccuracy, classCounts, confusionMatrix, type ConfusionMatrix } from "./confusion.ts";
import { meanClassError, meanClassErrorMacro } from "./ordinal.ts";
import { precisionRecallF1OfClass } from "./precision-recall-f1.ts";

const byMatrix: Record<ThresholdMetric, (matrix: ConfusionMatrix) => number> = {
  matthewsCorrelation,
  balancedAccuracy,
  f1: (matrix) => precisionRecallF1OfClass(classCounts(matrix)[1]!).f1,
};

const cases = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 9 })), { minLength: 2, maxLength: 30 })
  .map((rows) => ({ labels: rows.map(([label]) => label), scores: rows.map(([, score]) => Math.fround(score / 9)) }))
  .filter(({ labels }) => labels.includes(0) && labels.includes(1));

describe("bestThreshold", () => {
  test.each(Object.keys(byMatrix) as ThresholdMetric[])("no other threshold is better (%s)", (metric) => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        const at = (threshold: number) =>
          byMatrix[metric](
            confusionMatrix(
              labels,
              scores.map((score) => (score >= threshold ? 1 : 0)),
              2,
            ),
          );
        const { threshold, value } = bestThreshold(labels, scores, metric);
        expect(at(threshold)).toBeCloseTo(value, 12);
        for (const other of scores) expect(at(other)).toBeLessThanOrEqual(value + 1e-12);
      }),
    );
  });

  test("lies half way between the scores, weighs cases, and refuses a single class", () => {
    expect(bestThreshold([0, 0, 1, 1], [0.1, 0.3, 0.5, 0.9], "matthewsCorrelation")).toEqual({
      threshold: 0.4,
      value: 1,
    });
    const overlapping = [
      [0, 1, 0, 1],
      [0.1, 0.2, 0.3, 0.4],
    ] as const;
    expect(bestThreshold(...overlapping, "balancedAccuracy", [9, 9, 1, 1]).threshold).toBeCloseTo(0.15, 12);
    expect(bestThreshold(...overlapping, "balancedAccuracy", [1, 1, 9, 9]).threshold).toBeCloseTo(0.35, 12);
    const adjacent = [0.5, 0.5 + Number.EPSILON / 2];
    expect(bestThreshold([0, 1], adjacent, "f1").threshold).toBe(adjacent[1]);
    expect(() => bestThreshold([1, 1], [0, 1], "f1")).toThrow(expect.objectContaining({ code: "bad-data" }));
  });
});

describe("ordered classes", () => {
  test("the error is a number of grades, and macro counts a rare grade as much as a frequent one", () => {
    const matrix = confusionMatrix([0, 0, 0, 2], [0, 0, 1, 0], 3);
    expect(meanClassError(matrix)).toBe(0.75);
    expect(meanClassErrorMacro(matrix)).toBeCloseTo((1 / 3 + 2) / 2, 12);
    expect(meanClassError(confusionMatrix([0, 1, 2], [0, 1, 2]))).toBe(0);
  });
});
