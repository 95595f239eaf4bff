import { describe, expect, it } from "vitest";
import { z } from "zod";
import { randomStream } from "../../common/random.ts";
import { columnOf, expectedOf, expectMetric, metricCases } from "../../testing/metric-cases.node.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import { rankingEvaluation } from "./ranking.ts";

const entries = 60;
const evaluation = rankingEvaluation({ entries, recallAt: [1, 5, 10] });
const random = randomStream(8, "queries");
const truths = Array.from({ length: 150 }, (_, query) =>
  query % 3 === 0 ? { rows: [query % 60, (query + 7) % 60], grades: [2, 1] } : { rows: [query % 60] },
);

/** Entries by a score that relevant ones have more of, as far as `skill` says. */
const ranked = (skill: number) =>
  truths.map((truth) => {
    const scores = Array.from(
      { length: entries },
      (_, row) => random.normal() + (truth.rows.includes(row) ? skill : 0),
    );
    return Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  });
const measured = (skill: number) => ranked(skill).map((rows, query) => evaluation.measure(truths[query]!, { rows }));
const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("rankingEvaluation", () => {
  it("gives a sound report, in which every query has its rank", async () => {
    const { details } = await expectSound(evaluation, measured(1.5));
    expect(details.firstRanks.reduce((sum, { count }) => sum + count, details.notFound)).toBe(150);
    expect(details.worst[0]!.firstRank!).toBeGreaterThanOrEqual(details.worst.at(-1)!.firstRank!);
  });

  it("is honest: no skill scores what is said to be chance, and reversed rankings less", () => {
    const [good, none, reversed] = [2, 0, -2].map((skill) =>
      evaluateMeasures(evaluation, measured(skill), { resamples: 200 }),
    );
    for (const name of ["normalizedDiscountedGain", "reciprocalRank", "recallAt1", "recallAt5", "recallAt10"]) {
      expect(valueOf(good!, name), name).toBeGreaterThan(good!.floors[name]! + 0.2);
      expect(Math.abs(valueOf(none!, name) - none!.floors[name]!), name).toBeLessThan(0.05);
      expect(valueOf(reversed!, name), name).toBeLessThan(reversed!.floors[name]!);
    }
  });

  it("says exactly what a random order scores on average", () => {
    const small = rankingEvaluation({ entries: 4, cutoff: 2, recallAt: [1, 2] });
    const truth = { rows: [0, 1], grades: [3, 1] };
    const orders = [0, 1, 2, 3].flatMap((a) =>
      [0, 1, 2, 3].flatMap((b) =>
        [0, 1, 2, 3].flatMap((c) => (new Set([a, b, c]).size < 3 ? [] : [[a, b, c, 6 - a - b - c]])),
      ),
    );
    const { metrics, floors } = evaluateMeasures(
      small,
      orders.map((rows) => small.measure(truth, { rows })),
      { resamples: 2 },
    );
    expect(orders).toHaveLength(24);
    for (const [name, floor] of Object.entries(floors)) expect(metrics[name]!.value, name).toBeCloseTo(floor, 12);
    expect(Object.keys(floors)).toEqual(["normalizedDiscountedGain", "reciprocalRank", "recallAt1", "recallAt2"]);
    expect(rankingEvaluation().floors!([rankingEvaluation().measure(truth, null)])).toEqual({});
  });

  it("finds nothing for a query without an answer, and what a cut list leaves out is not found", () => {
    const silent = evaluation.measure({ rows: [3] }, null);
    expect(silent).toMatchObject({
      reciprocalRank: 0,
      normalizedDiscountedGain: 0,
      firstRank: null,
      recalls: [0, 0, 0],
    });
    const cut = evaluation.measure({ rows: [3, 4] }, { rows: [9, 3] });
    expect(cut).toMatchObject({ reciprocalRank: 0.5, recalls: [0, 0.5, 0.5], averagePrecision: 0.25 });
    const all = evaluateMeasures(evaluation, [silent, silent], { resamples: 2 });
    expect(all.details).toMatchObject({ notFound: 2, medianRank: null });
  });

  it.each(metricCases("ndcg"))("agrees with scikit-learn: nDCG of $id", (one) => {
    const [grades, scores] = [columnOf(one, "relevance"), columnOf(one, "scores")];
    // Of equal scores the later is ranked first, as scikit-learn has it where it ignores ties.
    const rows = grades.map((_, row) => row).sort((a, b) => scores[b]! - scores[a]! || b - a);
    const own = rankingEvaluation({ cutoff: 5, entries: grades.length });
    if (!grades.some((grade) => grade > 0)) {
      expect(() => own.measure({ rows, grades: rows.map((row) => grades[row]!) }, { rows })).toThrow(
        /nothing is relevant/,
      );
      return;
    }
    const { metrics } = own.statistic([own.measure({ rows: [...grades.keys()], grades }, { rows })])();
    expectMetric(() => metrics["normalizedDiscountedGain"]!, expectedOf(one)["ndcg_at_5_ignore_ties"]);
  });

  it.each(metricCases("map_mrr"))("agrees with scikit-learn: MAP and MRR of $id", (one) => {
    const queries = z
      .array(z.object({ relevance: z.array(z.number()), scores: z.array(z.number()) }))
      .parse(one.inputs["queries"]);
    const own = rankingEvaluation();
    const known = queries.filter(({ relevance }) => relevance.some((grade) => grade > 0));
    const measures = known.map(({ relevance, scores }) => {
      const rows = scores.map((_, row) => row).sort((a, b) => scores[b]! - scores[a]! || b - a);
      return own.measure({ rows: [...relevance.keys()], grades: relevance }, { rows });
    });
    const { metrics } = own.statistic(measures)();
    // There a query without a relevant entry counts as 0; here it is left out.
    const share = known.length / queries.length;
    expectMetric(() => share * metrics["averagePrecision"]!, expectedOf(one)["map"]);
    expectMetric(() => share * metrics["reciprocalRank"]!, expectedOf(one)["mrr"]);
  });

  it.each([
    ["a cut-off at 0", () => rankingEvaluation({ cutoff: 0 }), "bad-argument"],
    ["a query to which nothing is relevant", () => evaluation.measure({ rows: [] }, null), "bad-data"],
    ["an entry that is ranked twice", () => evaluation.measure({ rows: [1] }, { rows: [2, 2] }), "bad-data"],
    ["an entry outside the table", () => evaluation.measure({ rows: [1] }, { rows: [60] }), "bad-data"],
    ["too few grades", () => evaluation.measure({ rows: [1, 2], grades: [1] }, null), "shape-mismatch"],
  ])("refuses %s", (_, evaluate, code) => {
    expect(evaluate).toThrow(expect.objectContaining({ code }));
  });
});
