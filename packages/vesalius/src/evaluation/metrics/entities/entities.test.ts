import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { expectedOf, expectMetric, metricCases, type MetricCase } from "../../../testing/metric-cases.node.ts";
import { entityScoresStatistic } from "./entity-scores.ts";
import { type EntitySpan } from "./entity-span.ts";
import { countEntities, type EntityMatch } from "./matching.ts";
import { entitiesOfTags, type TaggingScheme } from "./tags.ts";

function scoresOf({ inputs }: MetricCase, scheme: TaggingScheme) {
  const sequences = (name: string) => z.array(z.array(z.string())).parse(inputs[name]);
  const predicted = sequences("y_pred");
  return entityScoresStatistic(
    sequences("y_true").map((tags, row) =>
      countEntities(entitiesOfTags(tags, scheme), entitiesOfTags(predicted[row]!, scheme)),
    ),
  )();
}

describe("seqeval gives the same", () => {
  test.each(metricCases("entity_f1"))("$id", (one) => {
    const expected = expectedOf(one);
    const scores = scoresOf(one, "conlleval");
    for (const name of ["precision", "recall", "f1"] as const) expectMetric(() => scores.micro[name], expected[name]);
    expectMetric(() => scores.macro.f1, expected["f1_macro"]);
    expectMetric(() => scoresOf(one, "iob2").micro.f1, expected["strict_iob2_f1"]);
    const report = z.record(z.string(), z.record(z.string(), z.unknown())).parse(expected["report"]);
    const { micro, macro, weighted, perType } = scores;
    const rows = { "micro avg": micro, "macro avg": macro, "weighted avg": weighted, ...perType };
    expect(Object.keys(rows).sort()).toEqual(Object.keys(report).sort());
    for (const [name, row] of Object.entries(rows)) {
      expectMetric(() => row.precision, report[name]!["precision"]);
      expectMetric(() => row.recall, report[name]!["recall"]);
      expectMetric(() => row.f1, report[name]!["f1-score"]);
      if ("support" in row) expect(row.support).toBe(report[name]!["support"]);
    }
  });
});

const spans = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 4 }), fc.constantFrom("A", "B", "constructor"))
    .map(([start, length, type]): EntitySpan => ({ start, end: start + length, type })),
  { maxLength: 7 },
);

/** The most spans that can be matched one to one, by trying everything. */
function bestMatching(truth: readonly EntitySpan[], predicted: readonly EntitySpan[]): number {
  const [first, ...rest] = predicted;
  if (first === undefined) return 0;
  const taken = truth.flatMap((span, i) =>
    span.type === first.type && span.start < first.end && first.start < span.end
      ? [1 + bestMatching([...truth.slice(0, i), ...truth.slice(i + 1)], rest)]
      : [],
  );
  return Math.max(bestMatching(truth, rest), ...taken);
}

const unique = (list: readonly EntitySpan[]) => [...new Map(list.map((span) => [JSON.stringify(span), span])).values()];

describe("countEntities", () => {
  test("every true and every found span is counted once, and an exact hit is also an overlap", () => {
    fc.assert(
      fc.property(spans, spans, (truth, predicted) => {
        const total = (match: EntityMatch) => {
          const counts = Object.values(countEntities(truth, predicted, match));
          const sum = (key: "hit" | "spurious" | "missed") => counts.reduce((all, one) => all + one[key], 0);
          expect(sum("hit") + sum("missed")).toBe(unique(truth).length);
          expect(sum("hit") + sum("spurious")).toBe(unique(predicted).length);
          return sum("hit");
        };
        const overlapping = total("overlap");
        expect(overlapping).toBeGreaterThanOrEqual(total("exact"));
        expect(overlapping).toBe(bestMatching(unique(truth), unique(predicted)));
      }),
    );
  });

  test("one long span matches only one of the two it covers", () => {
    const truth = [
      { start: 0, end: 2, type: "A" },
      { start: 3, end: 5, type: "A" },
    ];
    expect(countEntities(truth, [{ start: 0, end: 5, type: "A" }], "overlap")).toEqual({
      A: { hit: 1, spurious: 0, missed: 1 },
    });
    expect(countEntities(truth, [{ start: 0, end: 5, type: "B" }], "overlap")).toEqual({
      A: { hit: 0, spurious: 0, missed: 2 },
      B: { hit: 0, spurious: 1, missed: 0 },
    });
  });

  test.each([
    [{ start: 2, end: 2, type: "A" }],
    [{ start: -1, end: 2, type: "A" }],
    [{ start: 0.5, end: 2, type: "A" }],
    [{ start: 0, end: 2, type: "" }],
  ])("refuses %j", (span) => {
    expect(() => countEntities([], [span])).toThrow(
      expect.objectContaining({ code: "bad-data", where: "predicted, span 0" }),
    );
  });
});

describe("entitiesOfTags", () => {
  test("gives back the spans that BIO tags were written from, in both schemes", () => {
    const gaps = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.constantFrom("A", "B")),
    );
    fc.assert(
      fc.property(gaps, (drawn) => {
        const tags: string[] = [];
        const written: EntitySpan[] = [];
        for (const [gap, length, type] of drawn) {
          tags.push(...Array<string>(gap).fill("O"));
          written.push({ start: tags.length, end: tags.length + length, type });
          tags.push(`B-${type}`, ...Array<string>(length - 1).fill(`I-${type}`));
        }
        expect(entitiesOfTags(tags, "iob2")).toEqual(written);
        expect(entitiesOfTags(tags, "conlleval")).toEqual(written);
      }),
    );
  });

  test("reads IOBES, and refuses what is no tag", () => {
    expect(entitiesOfTags(["S-A", "B-A", "E-A", "I-A"])).toEqual([
      { start: 0, end: 1, type: "A" },
      { start: 1, end: 3, type: "A" },
      { start: 3, end: 4, type: "A" },
    ]);
    for (const tag of ["DISEASE", "B-", "Q-A", "", "O-A"]) {
      expect(() => entitiesOfTags(["O", tag])).toThrow(expect.objectContaining({ code: "bad-data" }));
    }
    expect(() => entitiesOfTags(["S-A"], "iob2")).toThrow(/S-A/);
  });
});

describe("entityScoresStatistic", () => {
  test("weighs a case as if it were repeated", () => {
    const cases = fc.array(fc.tuple(spans, spans, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(cases, (drawn) => {
        const counts = drawn.map(([truth, predicted]) => countEntities(truth, predicted));
        const weights = drawn.map(([, , weight]) => weight);
        const copies = counts.flatMap((one, row) => Array.from({ length: weights[row]! }, () => one));
        if (copies.length === 0) return;
        const { perType, ...averages } = entityScoresStatistic(counts)(weights);
        const { perType: repeated, ...others } = entityScoresStatistic(copies)();
        expect(averages).toEqual(others);
        expect(perType).toMatchObject(repeated);
      }),
    );
  });

  test("a type that the weights leave out is not a number and does not pull the mean down", () => {
    const found = countEntities([{ start: 0, end: 1, type: "A" }], [{ start: 0, end: 1, type: "A" }]);
    const lost = countEntities([{ start: 0, end: 1, type: "B" }], []);
    const scores = entityScoresStatistic([found, lost])([1, 0]);
    expect(scores.perType["B"]!.f1).toBeNaN();
    expect(scores.macro.f1).toBe(1);
    expect(() => entityScoresStatistic([])).toThrow(expect.objectContaining({ code: "bad-data" }));
  });
});
