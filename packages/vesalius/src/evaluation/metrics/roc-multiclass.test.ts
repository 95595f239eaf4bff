import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rocAucMultilabel, rocAucOneVsOne, rocAucOneVsOneStatistic, rocAucOneVsRest } from "./roc-multiclass.ts";
import { rocAuc } from "./roc.ts";

/** Softmax rows of three classes, at least one case of each. */
const classScores = fc
  .array(
    fc.tuple(fc.integer({ min: 0, max: 2 }), fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 3, maxLength: 3 })),
    { minLength: 0, maxLength: 40 },
  )
  .map((drawn) => {
    const rows: [number, number[]][] = [...drawn, [0, [1, 0, 2]], [1, [0, 0, 0]], [2, [2, 1, 1]]];
    const probabilities = rows.flatMap(([, logits]) => {
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      return logits.map((logit) => Math.exp(logit) / sum);
    });
    return { labels: rows.map(([label]) => label), probabilities, classes: 3 };
  });

describe("multi-class ROC AUC", () => {
  test("does not depend on the order of the classes", () => {
    fc.assert(
      fc.property(classScores, ({ labels, probabilities, classes }) => {
        const turned = {
          labels: labels.map((label) => 2 - label),
          probabilities: probabilities.map((_, i) => probabilities[i - (i % 3) + 2 - (i % 3)]!),
          classes,
        };
        const scores = { labels, probabilities, classes };
        expect(rocAucOneVsRest(turned)).toBeCloseTo(rocAucOneVsRest(scores), 12);
        expect(rocAucOneVsRest(turned, "weighted")).toBeCloseTo(rocAucOneVsRest(scores, "weighted"), 12);
        expect(rocAucOneVsOne(turned)).toBeCloseTo(rocAucOneVsOne(scores), 12);
      }),
    );
  });

  test("is the binary area where there are two classes", () => {
    const labels = [0, 1, 0, 1, 1];
    const positive = [0.2, 0.8, 0.6, 0.5, 0.6];
    const scores = { labels, probabilities: positive.flatMap((p) => [1 - p, p]), classes: 2 };
    const area = rocAuc(labels, positive);
    expect(rocAucOneVsRest(scores)).toBeCloseTo(area, 12);
    expect(rocAucOneVsOne(scores)).toBeCloseTo(area, 12);
  });

  test("weighs a case of the one-vs-one statistic as if it were repeated", () => {
    fc.assert(
      fc.property(classScores, ({ labels, probabilities, classes }) => {
        const weights = labels.map((_, row) => 1 + (row % 3));
        const repeated = labels.flatMap((_, row) => Array<number>(weights[row]!).fill(row));
        const expected = rocAucOneVsOne({
          labels: repeated.map((row) => labels[row]!),
          probabilities: repeated.flatMap((row) => probabilities.slice(row * classes, (row + 1) * classes)),
          classes,
        });
        expect(rocAucOneVsOneStatistic({ labels, probabilities, classes })(weights)).toBeCloseTo(expected, 12);
      }),
    );
  });

  test("names the class that has no case", () => {
    const scores = { labels: [0, 1], probabilities: [0.5, 0.3, 0.2, 0.1, 0.8, 0.1], classes: 3 };
    expect(() => rocAucOneVsRest(scores)).toThrow(/class 2 has no case/);
    expect(() => rocAucOneVsOne(scores)).toThrow(/class 2 has no case/);
  });

  test.each([
    ["logits", [0, 1], [2, -1, -3, 4], "bad-data", /row 0, class/],
    ["rows that do not sum to one", [0, 1], [0.5, 0.5, 0.9, 0.9], "bad-data", /row 1/],
    ["a missing probability", [0, 1], [0.5, 0.5, 1], "shape-mismatch", /3 entries where 4/],
    ["NaN", [0, 1], [0.5, 0.5, NaN, 1], "not-a-number", /entry 2/],
    ["an unlabelled case", [0, -1], [0.5, 0.5, 0.5, 0.5], "bad-data", /row 1/],
  ])("refuses %s", (_, labels, probabilities, code, where) => {
    const evaluate = () => rocAucOneVsRest({ labels, probabilities, classes: 2 });
    expect(evaluate).toThrow(expect.objectContaining({ code }));
    expect(evaluate).toThrow(where);
  });
});

describe("rocAucMultilabel", () => {
  test("refuses a block that does not make whole rows", () => {
    const input = { labels: [0, 1, 1], scores: [0, 1, 1], findings: 2 };
    expect(() => rocAucMultilabel(input)).toThrow(/rows of 2 findings/);
  });
});
