import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { randomStream } from "../common/random.ts";
import { evaluateMeasures } from "./evaluate-measures.ts";
import { expectSound } from "./evaluation.test.helper.ts";
import type { Evaluation } from "./evaluation.ts";
import { parseEvaluationReport } from "./evaluation-report.ts";
import { weightedMean } from "./metrics/weighted-mean.ts";

interface Duration {
  readonly room: string;
  readonly error: number;
}

/** Error of a duration in minutes, by room: a kind of evaluation that the library does not have. */
const durations: Evaluation<{ room: string; minutes: number }, number, Duration, { longest: number }> = {
  kind: "durations",
  metrics: {
    meanError: { label: "Mean error", better: "lower", range: [0, Infinity], unit: "min", meaning: "Mean error." },
    within: { label: "Within 5 minutes", better: "higher", range: [0, 1], proportion: true, meaning: "Share." },
  },
  headline: ["meanError"],
  part: "room",
  measure: ({ room, minutes }, answer) => ({ room, error: answer === null ? 60 : Math.abs(answer - minutes) }),
  statistic(measures) {
    const errors = measures.map(({ error }) => error);
    const hits = errors.map((error) => (error <= 5 ? 1 : 0));
    const rooms = [...new Set(measures.map(({ room }) => room))];
    const inRoom = rooms.map((room) => measures.map((one) => (one.room === room ? 1 : 0)));
    const all = (weights?: ArrayLike<number>) => ({
      meanError: weightedMean(errors, weights),
      within: weightedMean(hits, weights),
    });
    return (weights) => ({
      metrics: all(weights),
      parts: Object.fromEntries(
        rooms.map((room, i) => [room, all(inRoom[i]!.map((one, row) => one * (weights?.[row] ?? 1)))]),
      ),
    });
  },
  restsOn: (measures) => ({
    metrics: {},
    parts: Object.fromEntries(
      [...new Set(measures.map(({ room }) => room))].map((room) => {
        const basis = { sets: [measures.map((one) => (one.room === room ? 1 : 0))] };
        return [room, { meanError: basis, within: basis }];
      }),
    ),
  }),
  details: z.object({ longest: z.number() }),
  describe: (measures) => ({ longest: Math.max(...measures.map(({ error }) => error)) }),
  sections: ({ longest }) => [{ kind: "text", paragraphs: [`The longest error is ${longest} minutes.`] }],
};

const random = randomStream(1, "durations");
const measures: Duration[] = Array.from({ length: 200 }, (_, row) => ({
  room: row < 196 ? "theatre" : "annex",
  error: 10 * random.uniform(),
}));

describe("evaluateMeasures", () => {
  it("serves a kind of evaluation that it has never heard of", async () => {
    const report = await expectSound(durations, measures);
    expect(report.metrics["meanError"]!.value).toBeCloseTo(weightedMean(measures.map(({ error }) => error)), 12);
    expect(report.breakdown.map(({ name }) => name)).toEqual(["theatre", "annex"]);
    expect(report.attributes[0]!.largestGaps["meanError"]!.gap.lower).toBeGreaterThanOrEqual(-Infinity);
  });

  it("holds what few cases say to be little, part by part", () => {
    const { breakdown } = evaluateMeasures(durations, measures, { resamples: 100 });
    expect(breakdown[0]!.metrics["within"]).not.toHaveProperty("caution");
    expect(breakdown[1]!.metrics["within"]!.caution).toBe("only 4 cases; Wilson's interval");
    expect(breakdown[1]!.metrics["meanError"]!.reason).toBe("no interval: it rests on 4 cases");
  });

  it("draws whole groups, whose number is what counts", () => {
    const groups = measures.map((_, row) => `patient ${row >> 3}`);
    const grouped = evaluateMeasures(durations, measures, { groups, resamples: 100 });
    const single = evaluateMeasures(durations, measures, { resamples: 100 });
    expect(grouped).toMatchObject({ groupCount: 25, resampling: { unit: "group", stratified: false } });
    expect(grouped.metrics["meanError"]!.value).toBe(single.metrics["meanError"]!.value);
    expect(grouped.metrics["meanError"]!.caution).toBe("only 25 groups");
  });

  it("hides names of cases and small subgroups of restricted data", () => {
    const attributes = { ward: measures.map((_, row) => (row < 8 ? "the mayor's" : row < 100 ? "east" : "west")) };
    const open = evaluateMeasures(durations, measures, { attributes, resamples: 10 });
    const restricted = evaluateMeasures(durations, measures, { attributes, resamples: 10, restricted: true });
    expect(open.attributes[0]!.subgroups.map(({ name, note }) => [name, note])).toContainEqual([
      "the mayor's",
      "too few cases (8, at least 20 are needed)",
    ]);
    expect(JSON.stringify(restricted)).not.toContain("mayor");
    expect(restricted.attributes[0]!.omitted).toEqual({ subgroups: 1, cases: 8 });
  });

  it("gives a value without interval where a statistic takes no weights", () => {
    const unweighted = {
      ...durations,
      statistic: (some: readonly Duration[]) => (weights?: ArrayLike<number>) => ({
        metrics: { meanError: weights === undefined ? Math.max(...some.map(({ error }) => error)) : NaN },
      }),
    };
    expect(evaluateMeasures(unweighted, measures, { resamples: 10 }).metrics["meanError"]).toEqual({
      value: expect.closeTo(10, 0) as number,
      lower: null,
      upper: null,
      reason: "no interval: resamples do not define it",
    });
  });

  it("says how many had no answer or no truth", () => {
    const report = evaluateMeasures(durations, measures, { withoutAnswer: 3, withoutTruth: 7, resamples: 5 });
    expect(report).toMatchObject({ withoutAnswer: 3, withoutTruth: 7, count: 200 });
  });

  it("gives the same report for the same seed, and another one for another", () => {
    const once = (seed: number) => JSON.stringify(evaluateMeasures(durations, measures, { seed, resamples: 20 }));
    expect(once(3)).toBe(once(3));
    expect(once(3)).not.toBe(once(4));
  });

  it("agrees with itself on any measures and attributes, as JSON", () => {
    const some = fc.array(
      fc.record({
        room: fc.constantFrom("a", "b", "__proto__", "1"),
        error: fc.double({ min: 0, max: 99, noNaN: true }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(some, (drawn) => {
        const attributes = { half: drawn.map((_, row) => (row % 2 === 0 ? "even" : null)) };
        const report = evaluateMeasures(durations, drawn, { attributes, resamples: 8, minimumSubgroupSize: 3 });
        const saved: unknown = JSON.parse(JSON.stringify(report));
        expect(parseEvaluationReport(saved, durations)).toEqual(report);
        expect(report.breakdown).toHaveLength(new Set(drawn.map(({ room }) => room)).size);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["no cases", [], {}, "bad-data"],
    ["groups of another length", measures, { groups: ["a"] }, "shape-mismatch"],
    ["attributes of another length", measures, { attributes: { sex: ["f"] } }, "shape-mismatch"],
    ["a repeated case", measures.slice(0, 2), { ids: ["a", "a"] }, "bad-data"],
    ["no resamples", measures, { resamples: 0 }, "bad-argument"],
  ] as const)("refuses %s", (_, some, options, code) => {
    expect(() => evaluateMeasures(durations, some, options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("parseEvaluationReport", () => {
  const report = evaluateMeasures(durations, measures, { resamples: 5 });

  it("refuses what is no report of this evaluation, with the file and the key", () => {
    expect(() => parseEvaluationReport({ ...report, count: -1 }, durations, "runs/a.json")).toThrow(/count.*runs\/a/);
    expect(() => parseEvaluationReport({ ...report, details: {} }, durations)).toThrow(/details\.longest/);
    expect(() => parseEvaluationReport({ ...report, kind: "other" }, durations)).toThrow(
      expect.objectContaining({ code: "bad-file" }),
    );
    expect(() => parseEvaluationReport({ ...report, version: 1 }, durations)).toThrow(/version/);
  });
});
