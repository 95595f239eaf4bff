import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countRanking, rankScores } from "./ranking.ts";
import { sensitivityAtSpecificity, sensitivityAtSpecificityOfCounts } from "./operating-point.ts";

const cases = fc
  .array(fc.record({ label: fc.integer({ min: 0, max: 1 }), score: fc.integer({ min: 0, max: 20 }) }), { minLength: 2 })
  .map((rows) => ({ labels: rows.map((row) => row.label), scores: rows.map((row) => row.score) }))
  .filter(({ labels }) => labels.includes(0) && labels.includes(1));

describe("sensitivityAtSpecificity", () => {
  test("is the best that any threshold of enough specificity reaches", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 10 }), ({ labels, scores }, tenths) => {
        const rate = (label: number, called: (score: number) => boolean) => {
          const those = scores.filter((_, i) => labels[i] === label);
          return those.filter(called).length / those.length;
        };
        const best = [...scores, Infinity]
          .filter((threshold) => rate(0, (score) => score < threshold) >= tenths / 10 - 1e-9)
          .map((threshold) => rate(1, (score) => score >= threshold))
          .reduce((a, b) => Math.max(a, b), 0);
        const point = sensitivityAtSpecificity(labels, scores, tenths / 10);
        expect(point.sensitivity).toBeCloseTo(best, 12);
        expect(point.specificity).toBeGreaterThanOrEqual(tenths / 10 - 1e-9);
        expect(rate(1, (score) => score >= point.threshold)).toBeCloseTo(point.sensitivity, 12);
        const counts = countRanking(rankScores(labels, scores));
        expect(sensitivityAtSpecificityOfCounts(counts, tenths / 10)).toBe(point.sensitivity);
      }),
    );
  });

  test("reaches a specificity that is met exactly", () => {
    const labels = [...Array<number>(10).fill(0), 1];
    const scores = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8.5];
    expect(sensitivityAtSpecificity(labels, scores)).toEqual({ sensitivity: 1, specificity: 0.9, threshold: 8.5 });
  });

  test("says that nothing can be called where the negatives score highest", () => {
    expect(sensitivityAtSpecificity([0, 1], [0.9, 0.1])).toEqual({
      sensitivity: 0,
      specificity: 1,
      threshold: Infinity,
    });
  });

  test("refuses a percentage", () => {
    expect(() => sensitivityAtSpecificity([0, 1], [0, 1], 90)).toThrow(/write 90% as 0.9/);
  });
});
