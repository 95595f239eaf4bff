import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rocAuc, rocAucStatistic, rocCurve } from "./roc.ts";

/** Scores on a coarse grid, so that ties are common. */
const cases = fc
  .array(fc.record({ label: fc.integer({ min: 0, max: 1 }), score: fc.integer({ min: -5, max: 5 }) }), { minLength: 2 })
  .map((rows) => ({ labels: rows.map((row) => row.label), scores: rows.map((row) => row.score / 4) }))
  .filter(({ labels }) => labels.includes(0) && labels.includes(1));

function aucByPairs(labels: number[], scores: number[]): number {
  let wins = 0;
  let pairs = 0;
  for (const [i, label] of labels.entries()) {
    if (label !== 1) continue;
    for (const [j, other] of labels.entries()) {
      if (other !== 0) continue;
      pairs += 1;
      wins += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

describe("rocAuc", () => {
  test("is the share of pairs in which the positive case scores higher", () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        expect(rocAuc(labels, scores)).toBeCloseTo(aucByPairs(labels, scores), 12);
      }),
    );
  });

  test("depends on the order of the scores alone, and turns over with them", () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        const area = rocAuc(labels, scores);
        const monotone = scores.map((score) => Math.exp(3 * score) - 7);
        expect(rocAuc(labels, monotone)).toBeCloseTo(area, 12);
        const turned = scores.map((score) => -score);
        expect(rocAuc(labels, turned)).toBeCloseTo(1 - area, 12);
      }),
    );
  });

  test("weighs a case as if it were repeated", () => {
    const weighted = fc.tuple(cases, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 200, maxLength: 200 }));
    fc.assert(
      fc.property(weighted, ([{ labels, scores }, weights]) => {
        const repeat = (values: number[]) => values.flatMap((value, i) => Array<number>(weights[i]!).fill(value));
        const statistic = rocAucStatistic(labels, scores);
        expect(statistic(weights)).toBeCloseTo(rocAuc(repeat(labels), repeat(scores)), 12);
        expect(statistic()).toBeCloseTo(rocAuc(labels, scores), 12);
      }),
    );
  });

  test("is not a number for weights that leave a class out", () => {
    expect(rocAucStatistic([0, 1, 1], [0.1, 0.5, 0.2])([0, 1, 2])).toBeNaN();
  });

  test.each([
    ["lengths differ", [0, 1], [0.5], "shape-mismatch"],
    ["no cases", [], [], "bad-data"],
    ["a label is neither 0 nor 1", [0, 2], [0.1, 0.2], "bad-data"],
    ["a score is not a number", [0, 1], [0.1, NaN], "not-a-number"],
    ["only positive cases", [1, 1], [0.1, 0.2], "bad-data"],
    ["only negative cases", [0, 0], [0.1, 0.2], "bad-data"],
  ])("refuses: %s", (_, labels, scores, code) => {
    expect(() => rocAuc(labels, scores)).toThrow(expect.objectContaining({ code, fix: expect.any(String) }));
  });
});

describe("rocCurve", () => {
  test("rises from (0, 0) to (1, 1) and encloses the area", () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        const { falsePositiveRate: x, truePositiveRate: y, thresholds } = rocCurve(labels, scores);
        expect([x[0], y[0], thresholds[0]]).toEqual([0, 0, Infinity]);
        expect([x.at(-1), y.at(-1)]).toEqual([1, 1]);
        let area = 0;
        for (let i = 1; i < x.length; i++) {
          expect(x[i]).toBeGreaterThanOrEqual(x[i - 1]!);
          expect(y[i]).toBeGreaterThanOrEqual(y[i - 1]!);
          expect(thresholds[i]).toBeLessThan(thresholds[i - 1]!);
          area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
        }
        expect(area).toBeCloseTo(rocAuc(labels, scores), 12);
      }),
    );
  });
});
