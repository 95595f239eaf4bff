import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { precisionRecallF1OfClass } from "./precision-recall-f1.ts";
import { averagePrecision, averagePrecisionMultilabel } from "./precision-recall.ts";
import { multilabelStatistic } from "./multilabel.ts";
import { rocAucMultilabel } from "./roc-multiclass.ts";
import { rocAuc } from "./roc.ts";

const findings = 3;
const pair = fc.tuple(fc.constantFrom(0, 1, 1, 0, -1, NaN), fc.integer({ min: 0, max: 8 }));
const drawn = fc
  .array(fc.tuple(fc.array(pair, { minLength: findings, maxLength: findings }), fc.integer({ min: 0, max: 3 })), {
    minLength: 1,
    maxLength: 20,
  })
  .map((rows) => ({
    labels: rows.flatMap(([pairs]) => pairs.map(([label]) => label)),
    scores: rows.flatMap(([pairs]) => pairs.map(([, score]) => score / 8)),
    weights: rows.map(([, weight]) => weight),
  }));

describe("multilabelStatistic", () => {
  test("agrees with the metrics of single findings, which the reference checks, where every label is known", () => {
    const complete = drawn.filter(({ labels }) =>
      [0, 1, 2].every((finding) => {
        const column = labels.filter((_, i) => i % findings === finding);
        return column.every((label) => label === 0 || label === 1) && column.includes(0) && column.includes(1);
      }),
    );
    fc.assert(
      fc.property(complete, ({ labels, scores }) => {
        const input = { labels, scores, findings };
        const { macro, micro } = multilabelStatistic(input)();
        expect(macro.rocAuc).toBeCloseTo(rocAucMultilabel(input, "macro"), 12);
        expect(micro.rocAuc).toBeCloseTo(rocAucMultilabel(input, "micro"), 12);
        expect(macro.averagePrecision).toBeCloseTo(averagePrecisionMultilabel(input), 12);
        expect(micro.averagePrecision).toBeCloseTo(averagePrecision(labels, scores), 12);
      }),
      { numRuns: 30 },
    );
  });

  test("leaves out what is not known, and only that", () => {
    fc.assert(
      fc.property(drawn, fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 3, maxLength: 3 }), (cases, eighths) => {
        const cuts = eighths.map((value) => value / 8);
        const { perFinding, micro } = multilabelStatistic({ ...cases, findings }, cuts)();
        const pairs = cases.labels.map((label, i) => ({ label, score: cases.scores[i]!, finding: i % findings }));
        const known = pairs.filter(({ label }) => label === 0 || label === 1);
        const f1 = (some: typeof known) => {
          const count = (label: number, called: boolean) =>
            some.filter((one) => one.label === label && called === one.score >= cuts[one.finding]!).length;
          if (!some.some(({ label }) => label === 1)) return NaN;
          return precisionRecallF1OfClass({
            truePositives: count(1, true),
            falsePositives: count(0, true),
            falseNegatives: count(1, false),
          }).f1;
        };
        expect(micro.f1).toEqual(f1(known));
        for (const [finding, scores] of perFinding.entries()) {
          const some = known.filter((one) => one.finding === finding);
          const labels = some.map(({ label }) => label);
          expect(scores.f1).toEqual(f1(some));
          expect([scores.positives, scores.negatives]).toEqual(
            [1, 0].map((wanted) => labels.filter((label) => label === wanted).length),
          );
          if (labels.includes(0) && labels.includes(1)) {
            expect(scores.rocAuc).toBeCloseTo(
              rocAuc(
                labels,
                some.map(({ score }) => score),
              ),
              12,
            );
          } else expect(scores.rocAuc).toBeNaN();
        }
      }),
    );
  });

  test("weighs a case as if it were repeated", () => {
    fc.assert(
      fc.property(drawn, ({ labels, scores, weights }) => {
        const repeat = (block: number[]) =>
          weights.flatMap((weight, row) =>
            Array.from({ length: weight }, () => block.slice(row * findings, (row + 1) * findings)).flat(),
          );
        const copies = { labels: repeat(labels), scores: repeat(scores), findings };
        if (copies.labels.length === 0) return;
        const expected = multilabelStatistic(copies)();
        const found = multilabelStatistic({ labels, scores, findings })(weights);
        for (const [i, one] of [expected.macro, expected.micro, ...expected.perFinding].entries()) {
          const same = [found.macro, found.micro, ...found.perFinding][i]!;
          for (const name of ["rocAuc", "averagePrecision", "f1"] as const) {
            if (Number.isNaN(one[name])) expect(same[name]).toBeNaN();
            else expect(same[name]).toBeCloseTo(one[name], 12);
          }
        }
      }),
    );
  });

  test.each([
    ["a label that is none", { labels: [0, 2], scores: [0, 1], findings: 2 }, undefined, "bad-data"],
    ["rows that do not fill up", { labels: [0, 1, 1], scores: [0, 1, 1], findings: 2 }, undefined, "shape-mismatch"],
    ["too few scores", { labels: [0, 1], scores: [0], findings: 2 }, undefined, "shape-mismatch"],
    ["a score that is not a number", { labels: [0, 1], scores: [0, NaN], findings: 2 }, undefined, "not-a-number"],
    ["too few thresholds", { labels: [0, 1], scores: [0, 1], findings: 2 }, [0.5], "shape-mismatch"],
    ["no cases", { labels: [], scores: [], findings: 2 }, undefined, "bad-data"],
  ])("refuses %s", (_, input, cuts, code) => {
    expect(() => multilabelStatistic(input, cuts)).toThrow(expect.objectContaining({ code, fix: expect.any(String) }));
  });
});
