import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { columnOf, expectedOf, expectMetric, metricCases } from "../../../testing/metric-cases.node.ts";
import {
  discountedGainOfScores,
  normalizedDiscountedGain,
  normalizedDiscountedGainOfScores,
} from "./discounted-gain.ts";
import {
  averagePrecisionOfRanking,
  measureRanking,
  precisionAt,
  rankingStatistic,
  recallAt,
  reciprocalRank,
} from "./ranked-retrieval.ts";
import { type Relevance } from "./relevance.ts";

/** Documents by falling score (the later of equal ones first, as scikit-learn breaks ties), with their grades. */
function queryOf(grades: readonly number[], scores: readonly number[]): [string[], Relevance] {
  const order = grades.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || b - a);
  return [order.map(String), new Map(grades.map((grade, i) => [String(i), grade]))];
}

describe("scikit-learn 1.2.1 gives the same", () => {
  test.each(metricCases("ndcg"))("nDCG: $id", (one) => {
    const expected = expectedOf(one);
    const [grades, scores] = [columnOf(one, "relevance"), columnOf(one, "scores")];
    const [ranked, relevance] = queryOf(grades, scores);
    expectMetric(() => discountedGainOfScores(grades, scores), expected["dcg"]);
    expectMetric(() => normalizedDiscountedGainOfScores(grades, scores), expected["ndcg"]);
    expectMetric(() => normalizedDiscountedGainOfScores(grades, scores, { cutoff: 3 }), expected["ndcg_at_3"]);
    expectMetric(() => normalizedDiscountedGain(ranked, relevance, { cutoff: 5 }), expected["ndcg_at_5_ignore_ties"]);
  });

  test.each(metricCases("map_mrr"))("MAP and MRR: $id", (one) => {
    const expected = expectedOf(one);
    const queries = z
      .array(z.object({ relevance: z.array(z.number()), scores: z.array(z.number()) }))
      .parse(one.inputs["queries"])
      .map(({ relevance, scores }) => queryOf(relevance, scores));
    const precisions = z.array(z.number()).parse(expected["average_precisions"]);
    const ranks = z.array(z.number()).parse(expected["reciprocal_ranks"]);
    for (const [i, [ranked, relevance]] of queries.entries()) {
      expectMetric(() => averagePrecisionOfRanking(ranked, relevance), precisions[i]);
      expectMetric(() => reciprocalRank(ranked, relevance), ranks[i]);
    }
    const means = rankingStatistic(queries.map(([ranked, relevance]) => measureRanking(ranked, relevance)))();
    expectMetric(() => means.averagePrecision, expected["map"]);
    expectMetric(() => means.reciprocalRank, expected["mrr"]);
  });
});

const documents = ["a", "b", "c", "d", "e", "f"];
const query = fc.record({
  ranked: fc.shuffledSubarray(documents),
  relevance: fc
    .array(fc.tuple(fc.constantFrom(...documents), fc.integer({ min: 0, max: 3 })))
    .map((judged): Relevance => new Map(judged)),
  cutoff: fc.integer({ min: 1, max: 8 }),
});

describe("ranked retrieval", () => {
  test("every metric lies in [0, 1] and falls where a relevant document and a worse one change places", () => {
    fc.assert(
      fc.property(query, ({ ranked, relevance, cutoff }) => {
        const before = measureRanking(ranked, relevance, cutoff);
        for (const value of Object.values(before)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
        const grade = (id: string | undefined) => relevance.get(id ?? "") ?? 0;
        const at = ranked.findIndex((id, rank) => rank + 1 < ranked.length && grade(id) > grade(ranked[rank + 1]));
        if (at < 0) return;
        const swapped = [...ranked.slice(0, at), ranked[at + 1]!, ranked[at]!, ...ranked.slice(at + 2)];
        const after = measureRanking(swapped, relevance, cutoff);
        for (const name of Object.keys(before) as (keyof typeof before)[]) {
          expect(after[name]).toBeLessThanOrEqual(before[name] + 1e-12);
        }
      }),
    );
  });

  test("documents that were not retrieved count", () => {
    const relevance: Relevance = new Map([
      ["a", 1],
      ["z", 1],
    ]);
    expect(recallAt(["a", "b"], relevance, 10)).toBe(0.5);
    expect(precisionAt(["a"], relevance, 2)).toBe(0.5);
    expect(averagePrecisionOfRanking(["a"], relevance)).toBe(0.5);
    expect(normalizedDiscountedGain(["a"], relevance)).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 12);
    expect(reciprocalRank(["b", "a"], relevance, 1)).toBe(0);
  });

  test("exponential gain favours the highest grade", () => {
    const relevance: Relevance = new Map([
      ["a", 3],
      ["b", 1],
    ]);
    const swapped = (gain: "linear" | "exponential") => normalizedDiscountedGain(["b", "a"], relevance, { gain });
    expect(swapped("exponential")).toBeLessThan(swapped("linear"));
  });

  test("weighs a query as if it were repeated", () => {
    const queries = [measureRanking(["a", "b"], new Map([["a", 1]])), measureRanking(["a", "b"], new Map([["b", 2]]))];
    expect(rankingStatistic(queries)([0, 3]).reciprocalRank).toBe(0.5);
    expect(rankingStatistic(queries)([1, 3]).normalizedDiscountedGain).toBeCloseTo((1 + 3 / Math.log2(3)) / 4, 12);
  });

  test.each([
    ["a document ranked twice", () => recallAt(["a", "a"], new Map(), 1), "bad-data"],
    ["a negative grade", () => reciprocalRank(["a"], new Map([["a", -1]])), "bad-data"],
    ["a cut-off of 0", () => precisionAt(["a"], new Map(), 0), "bad-argument"],
    ["a broken cut-off", () => normalizedDiscountedGain([], new Map(), { cutoff: 1.5 }), "bad-argument"],
    ["a score that is not a number", () => discountedGainOfScores([1], [NaN]), "not-a-number"],
    ["no queries", () => rankingStatistic([]), "bad-data"],
  ])("refuses %s", (_, wrong, code) => {
    expect(wrong).toThrow(expect.objectContaining({ code, fix: expect.any(String) }));
  });
});
