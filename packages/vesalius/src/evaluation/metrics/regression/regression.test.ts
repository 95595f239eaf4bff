import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { columnOf, expectedOf, expectMetric, metricCases } from "../../../testing/metric-cases.node.ts";
import { kendallStatistic, pairOrderStatistic, pearsonStatistic, spearmanStatistic } from "./correlation.ts";
import { type PredictedNumbers } from "./predicted-numbers.ts";
import { regressionStatistic } from "./regression-scores.ts";

describe("scikit-learn 1.2.1 gives the same", () => {
  test.each(metricCases("regression"))("errors: $id", (one) => {
    const name = (option: string) => z.string().parse(one.options[option]);
    const data = { truth: columnOf(one, name("y_true")), predicted: columnOf(one, name("y_pred")) };
    const scores = regressionStatistic(data)();
    const names = {
      r2: scores.r2,
      mae: scores.meanAbsoluteError,
      mse: scores.meanSquaredError,
      rmse: scores.rootMeanSquaredError,
      explained_variance: scores.explainedVariance,
      median_ae: scores.medianAbsoluteError,
    };
    const expected = expectedOf(one);
    expect(Object.keys(names)).toEqual(expect.arrayContaining(Object.keys(expected)));
    for (const [key, value] of Object.entries(names)) {
      if (key in expected) expectMetric(() => value, expected[key], 1e-6, key);
    }
  });
});

describe("SciPy 1.10.1 gives the same", () => {
  test.each(metricCases("correlation"))("correlation: $id", (one) => {
    const data = { truth: columnOf(one, "x"), predicted: columnOf(one, "y") };
    const expected = expectedOf(one);
    expectMetric(pearsonStatistic(data), expected["pearson"]);
    expectMetric(spearmanStatistic(data), expected["spearman"]);
    expectMetric(kendallStatistic(data), expected["kendall"]);
  });
});

/** Numbers on a coarse grid, so that ties are common, with a weight for each case. */
const drawn = fc
  .array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 3 })), {
    minLength: 1,
    maxLength: 30,
  })
  .filter((rows) => rows.some(([, , weight]) => weight > 0))
  .map((rows) => ({
    data: { truth: rows.map(([x]) => x / 10), predicted: rows.map(([, y]) => y / 10) },
    weights: rows.map(([, , weight]) => weight),
  }));

const correlations = { pearson: pearsonStatistic, spearman: spearmanStatistic, kendall: kendallStatistic };

describe("concordance index", () => {
  test("is the share of pairs in the right order, ties one half, counted one by one", () => {
    fc.assert(
      fc.property(drawn, ({ data: { truth, predicted } }) => {
        let [right, pairs] = [0, 0];
        for (const [i, a] of truth.entries()) {
          for (const [j, b] of truth.entries()) {
            if (!(a < b)) continue;
            pairs += 1;
            right += predicted[i]! < predicted[j]! ? 1 : predicted[i] === predicted[j] ? 0.5 : 0;
          }
        }
        const { concordanceIndex } = pairOrderStatistic({ truth, predicted })();
        if (pairs === 0) expect(concordanceIndex).toBeNaN();
        else expect(concordanceIndex).toBeCloseTo(right / pairs, 12);
      }),
    );
  });
});

describe("weighted statistics", () => {
  test("weigh a case as if it were repeated", () => {
    fc.assert(
      fc.property(drawn, ({ data, weights }) => {
        const repeat = (values: number[]) =>
          values.flatMap((value, row) => Array.from({ length: weights[row]! }, () => value));
        const copies: PredictedNumbers = { truth: repeat(data.truth), predicted: repeat(data.predicted) };
        const close = (found: number, expected: number, name: string) =>
          Number.isNaN(expected) ? expect(found, name).toBeNaN() : expect(found, name).toBeCloseTo(expected, 9);
        const expected = regressionStatistic(copies)();
        const found = regressionStatistic(data)(weights);
        for (const name of Object.keys(expected) as (keyof typeof expected)[]) close(found[name], expected[name], name);
        for (const [name, statistic] of Object.entries(correlations)) {
          close(statistic(data)(weights), statistic(copies)(), name);
        }
      }),
    );
  });

  test("rank correlations do not change under a rising function, and none asks which column is the truth", () => {
    fc.assert(
      fc.property(drawn, ({ data: { truth, predicted } }) => {
        for (const [name, statistic] of Object.entries(correlations)) {
          const value = statistic({ truth, predicted })();
          if (Number.isNaN(value)) continue;
          expect(Math.abs(value)).toBeLessThanOrEqual(1 + 1e-12);
          expect(statistic({ truth: predicted, predicted: truth })()).toBeCloseTo(value, 9);
          if (name === "pearson") continue;
          expect(statistic({ truth, predicted: predicted.map((one) => Math.exp(5 * one)) })()).toBeCloseTo(value, 9);
        }
      }),
    );
  });

  test("keep the digits of numbers far from 0, and take equal ones for equal", () => {
    const data = { truth: [1e8 + 1, 1e8 + 2, 1e8 + 3], predicted: [1e8 + 1, 1e8 + 2, 1e8 + 4] };
    expect(regressionStatistic(data)().r2).toBeCloseTo(0.5, 9);
    const constant = { truth: [0.1, 0.1, 0.1], predicted: [0.1, 0.2, 0.3] };
    expect(regressionStatistic(constant)().r2).toBe(0);
    expect(pearsonStatistic(constant)()).toBeNaN();
  });

  test.each([
    ["no cases", [], [], "bad-data"],
    ["unequal lengths", [1], [1, 2], "shape-mismatch"],
    ["a missing number", [1, NaN], [1, 2], "not-a-number"],
    ["an infinite prediction", [1, 2], [1, Infinity], "not-a-number"],
  ])("refuse %s", (_, truth, predicted, code) => {
    for (const prepare of [regressionStatistic, ...Object.values(correlations)]) {
      expect(() => prepare({ truth, predicted })).toThrow(expect.objectContaining({ code, fix: expect.any(String) }));
    }
  });
});
