import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import type { StatedRelation } from "./measure.ts";
import { relationsEvaluation } from "./relations.ts";

const evaluation = relationsEvaluation({ types: ["causes", "treats"] });
const text = "Aspirin causes rash. Lithium treats mania.";
const relation = (type: string, head: number, tail: number): StatedRelation => ({
  type,
  head: { start: head, end: head + 7, type: "Chemical" },
  tail: { start: tail, end: tail + 4, type: "Disease" },
});
const causes = relation("causes", 0, 15);
const treats = relation("treats", 21, 36);
/** All four pairs, of which two stand in one sentence. */
const candidates = [causes, relation("causes", 0, 36), relation("causes", 21, 15), relation("causes", 21, 36)];
const truth = { relations: [causes, treats], candidates, text };

const random = randomStream(5, "relations");
const answered = (found: number, invented: number) =>
  Array.from({ length: 80 }, () =>
    evaluation.measure(truth, [
      ...truth.relations.filter(() => random.uniform() < found),
      ...(random.uniform() < invented ? [relation("causes", 0, 36)] : []),
    ]),
  );
const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("relationsEvaluation", () => {
  it("gives a sound report with counts by type", async () => {
    const report = await expectSound(evaluation, answered(0.7, 0.3));
    expect(report.composition).toEqual({ causes: 80, treats: 80 });
    expect(report.details).toMatchObject({ pairs: 320, pairsInOneSentence: 160, relations: 160 });
    const hits = report.details.types.reduce((sum, { hit }) => sum + hit, 0);
    expect(valueOf(report, "recall")).toBeCloseTo(hits / 160, 12);
  });

  it("counts a relation of another type, the other way round, or without an answer as none", () => {
    const of = (answer: readonly StatedRelation[] | null) =>
      evaluation.statistic([evaluation.measure(truth, answer)])().metrics;
    expect(of(truth.relations)).toMatchObject({ f1: 1, macroF1: 1 });
    expect(of([causes, causes, treats])["f1"]).toBe(1);
    expect(of([{ ...causes, type: "treats" }])).toMatchObject({ f1: 0, precision: 0 });
    expect(of([{ type: "causes", head: causes.tail, tail: causes.head }])["recall"]).toBe(0);
    expect(of(null)).toMatchObject({ f1: 0, recall: 0, precision: NaN });
  });

  it("is honest: worse answers score worse, and the floor states every pair of one sentence", () => {
    const [good, poor] = [answered(0.9, 0.1), answered(0.4, 0.8)].map((measures) =>
      evaluateMeasures(evaluation, measures, { resamples: 20 }),
    );
    for (const name of ["f1", "precision", "recall", "macroF1"])
      expect(valueOf(good!, name), name).toBeGreaterThan(valueOf(poor!, name));
    // Both pairs are stated as causes: one is right.
    expect(good!.floors).toEqual({ f1: 0.5, precision: 0.5, recall: 0.5 });
  });

  it.each([
    ["no types", () => relationsEvaluation({ types: [] }), "bad-argument"],
    ["a type that is not listed", () => evaluation.measure(truth, [relation("prevents", 0, 15)]), "bad-data"],
  ])("refuses %s", (_, run, code) => expect(run).toThrow(expect.objectContaining({ code })));
});
