import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnOf, expectedOf, expectMetric, metricCases } from "../../../testing/metric-cases.node.ts";
import { clusteringStatistic } from "./clustering-scores.ts";

describe("scikit-learn 1.2.1 gives the same", () => {
  test.each(metricCases("clustering"))("$id", (one) => {
    const expected = expectedOf(one);
    const scores = clusteringStatistic(columnOf(one, "y_true"), columnOf(one, "y_pred"))();
    expectMetric(() => scores.adjustedRandIndex, expected["ari"]);
    expectMetric(() => scores.adjustedMutualInformation, expected["ami"]);
    expectMetric(() => scores.normalizedMutualInformation, expected["nmi_arithmetic"]);
    expectMetric(() => scores.normalizedMutualInformation, expected["v_measure"]);
    expectMetric(() => Math.sqrt(scores.homogeneity * scores.completeness), expected["nmi_geometric"]);
    expectMetric(() => scores.homogeneity, expected["homogeneity"]);
    expectMetric(() => scores.completeness, expected["completeness"]);
  });
});

const drawn = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
    minLength: 1,
    maxLength: 25,
  })
  .filter((rows) => rows.some(([, , weight]) => weight > 0))
  .map((rows) => ({
    groups: rows.map(([group]) => group),
    clusters: rows.map(([, cluster]) => cluster),
    weights: rows.map(([, , weight]) => weight),
  }));

describe("clusteringStatistic", () => {
  test("weighs a case as if it were repeated", () => {
    fc.assert(
      fc.property(drawn, ({ groups, clusters, weights }) => {
        const repeat = (values: number[]) =>
          values.flatMap((value, row) => Array.from({ length: weights[row]! }, () => value));
        const expected = clusteringStatistic(repeat(groups), repeat(clusters))();
        const found = clusteringStatistic(groups, clusters)(weights);
        for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
          expect(found[name], name).toBeCloseTo(expected[name], 9);
        }
      }),
    );
  });

  test("does not ask what groups are called, nor which division is the known one", () => {
    fc.assert(
      fc.property(drawn, ({ groups, clusters }) => {
        const scores = clusteringStatistic(groups, clusters)();
        const renamed = clusteringStatistic(
          groups.map((group) => `group ${3 - group}`),
          clusters,
        )();
        const swapped = clusteringStatistic(clusters, groups)();
        for (const name of Object.keys(scores) as (keyof typeof scores)[]) {
          expect(renamed[name], name).toBeCloseTo(scores[name], 12);
        }
        expect(swapped.homogeneity).toBeCloseTo(scores.completeness, 12);
        expect(swapped.adjustedRandIndex).toBeCloseTo(scores.adjustedRandIndex, 12);
        expect(swapped.adjustedMutualInformation).toBeCloseTo(scores.adjustedMutualInformation, 6);
      }),
    );
  });

  test("refuses no cases and unequal lengths", () => {
    expect(() => clusteringStatistic([], [])).toThrow(expect.objectContaining({ code: "bad-data" }));
    expect(() => clusteringStatistic([1], [1, 2])).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
  });
});
