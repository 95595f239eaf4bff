import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cohenKappa, matthewsCorrelation } from "./agreement.ts";
import {
  accuracy,
  balancedAccuracy,
  classCounts,
  confusionMatrix,
  countConfusion,
  predictedClasses,
} from "./confusion.ts";
import { precisionRecallF1, precisionRecallF1OfClass, specificityOfClass } from "./precision-recall-f1.ts";

const classIndex = fc.integer({ min: 0, max: 3 });
const answers = fc
  .array(fc.tuple(classIndex, classIndex), { minLength: 1, maxLength: 60 })
  .map((rows) => ({ labels: rows.map(([label]) => label), predicted: rows.map(([, answer]) => answer) }));

describe("confusionMatrix", () => {
  test("counts every case once, and each class against the rest adds up to all cases", () => {
    fc.assert(
      fc.property(answers, ({ labels, predicted }) => {
        const matrix = confusionMatrix(labels, predicted, 4);
        expect(matrix.counts.reduce((sum, count) => sum + count, 0)).toBe(labels.length);
        for (const [index, one] of classCounts(matrix).entries()) {
          expect(one.truePositives + one.falsePositives + one.falseNegatives + one.trueNegatives).toBe(labels.length);
          expect(one.falseNegatives).toBe(labels.filter((l, i) => l === index && predicted[i] !== index).length);
        }
      }),
    );
  });

  test("weighs a case as if it were repeated", () => {
    const weighted = countConfusion([0, 1, 1], [0, 0, 1], 2, [2, 0, 3]);
    expect(weighted).toEqual(confusionMatrix([0, 0, 1, 1, 1], [0, 0, 1, 1, 1]));
  });

  test("refuses an answer outside the classes", () => {
    expect(() => confusionMatrix([0, 1], [0, 2], 2)).toThrow(/predicted, row 1/);
    expect(() => confusionMatrix([0, 0.5], [0, 1])).toThrow(/labels, row 1/);
  });
});

describe("predictedClasses", () => {
  test("takes the first of equally probable classes", () => {
    expect([...predictedClasses([0.4, 0.4, 0.2, 0.1, 0.2, 0.7], 3)]).toEqual([0, 2]);
  });
});

describe("figures of a confusion matrix", () => {
  test("stay in range and do not depend on the order of the classes", () => {
    fc.assert(
      fc.property(answers, ({ labels, predicted }) => {
        const turn = (classes: number[]) => classes.map((index) => (index + 1) % 4);
        const matrix = confusionMatrix(labels, predicted, 4);
        const turned = confusionMatrix(turn(labels), turn(predicted), 4);
        const figures = [
          accuracy,
          balancedAccuracy,
          matthewsCorrelation,
          cohenKappa,
          (m: typeof matrix) => precisionRecallF1(m, "macro").f1,
          (m: typeof matrix) => precisionRecallF1(m, "weighted").f1,
        ];
        for (const figure of figures) {
          const value = figure(matrix);
          if (Number.isNaN(value)) continue;
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
          expect(value).toBeGreaterThanOrEqual(-1 - 1e-12);
          expect(figure(turned)).toBeCloseTo(value, 12);
        }
      }),
    );
  });

  test("kappa and Matthews correlation do not ask which rater is the truth", () => {
    fc.assert(
      fc.property(answers, ({ labels, predicted }) => {
        const matrix = confusionMatrix(labels, predicted, 4);
        const swapped = confusionMatrix(predicted, labels, 4);
        expect(matthewsCorrelation(swapped)).toBeCloseTo(matthewsCorrelation(matrix), 12);
        for (const weighting of ["none", "linear", "quadratic"] as const) {
          const kappa = cohenKappa(matrix, weighting);
          if (!Number.isNaN(kappa)) expect(cohenKappa(swapped, weighting)).toBeCloseTo(kappa, 12);
        }
      }),
    );
  });

  test("micro figures equal accuracy, and weighted recall too", () => {
    fc.assert(
      fc.property(answers, ({ labels, predicted }) => {
        const matrix = confusionMatrix(labels, predicted, 4);
        const micro = precisionRecallF1(matrix, "micro");
        for (const value of Object.values(micro)) expect(value).toBeCloseTo(accuracy(matrix), 12);
        expect(precisionRecallF1(matrix, "weighted").recall).toBeCloseTo(accuracy(matrix), 12);
      }),
    );
  });

  test("a class that is never answered has precision 0, and specificity is judged on the other classes", () => {
    const [, second] = classCounts(confusionMatrix([0, 0, 1], [0, 0, 0], 2));
    expect(precisionRecallF1OfClass(second!)).toEqual({ precision: 0, recall: 0, f1: 0 });
    expect(specificityOfClass(second!)).toBe(1);
  });

  test("a distant grade costs more under quadratic kappa", () => {
    const near = confusionMatrix([0, 1, 2, 3], [1, 1, 2, 3]);
    const far = confusionMatrix([0, 1, 2, 3], [3, 1, 2, 3]);
    expect(cohenKappa(near, "quadratic")).toBeGreaterThan(cohenKappa(far, "quadratic"));
  });
});
