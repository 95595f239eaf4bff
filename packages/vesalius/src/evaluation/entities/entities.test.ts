import { describe, expect, it } from "vitest";
import { z } from "zod";
import { randomStream } from "../../common/random.ts";
import { expectedOf, expectMetric, metricCases } from "../../testing/metric-cases.node.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import { entitiesOfTags, type EntitySpan } from "../metrics/entities/index.ts";
import { entitiesEvaluation } from "./entities.ts";
import { entitiesSections } from "./sections.ts";

const evaluation = entitiesEvaluation({ types: ["DISEASE", "GENE"] });
const random = randomStream(3, "texts");
const text = "Loss of BRCA1 predisposes to <breast> & ovarian cancer, as does loss of BRCA2 in some families.";

/** Texts with one to four entities; genes are rarer. */
const truths = Array.from({ length: 120 }, (_, row) => ({
  text,
  spans: Array.from({ length: 1 + (row % 4) }, (_one, i): EntitySpan => ({
    start: 20 * i,
    end: 20 * i + 6,
    type: i % 3 === 2 ? "GENE" : "DISEASE",
  })),
}));

/** Each entity is found with a chance, with other ends with another, and entities are invented with a third. */
const answered = (found: number, moved: number, invented: number) =>
  truths.map((truth) => {
    const spans = truth.spans.flatMap((span): EntitySpan[] => {
      if (random.uniform() < found) return [span];
      return random.uniform() < moved ? [{ ...span, end: span.end + 2 }] : [];
    });
    const extra = random.uniform() < invented ? [{ start: 10, end: 14, type: "GENE" }] : [];
    return evaluation.measure(truth, [...spans, ...extra]);
  });
const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("entitiesEvaluation", () => {
  it("gives a sound report, with texts in which every mistake can be seen", async () => {
    const report = await expectSound(evaluation, answered(0.7, 0.5, 0.3));
    expect(report.composition).toEqual({ DISEASE: 240, GENE: 60 });
    const [counts] = report.details.types;
    expect(counts!.exact.hit + counts!.exact.missed).toBe(240);
    expect(valueOf(report, "recall")).toBeCloseTo(
      report.details.types.reduce((sum, { exact }) => sum + exact.hit, 0) / 300,
      12,
    );
    const mistakes = report.details.examples.map(
      ({ spans }) => spans.filter(({ outcome }) => outcome !== "hit").length,
    );
    expect(mistakes).toEqual(mistakes.toSorted((a, b) => b - a));
    expect(mistakes.at(-1)).toBeGreaterThan(0);
  });

  it("is honest: worse answers score worse, other ends count only as overlap, and a silent model finds nothing", () => {
    const [good, moved, poor] = [answered(0.9, 0, 0.1), answered(0.5, 1, 0.1), answered(0.5, 0, 0.8)].map((measures) =>
      evaluateMeasures(evaluation, measures, { resamples: 20 }),
    );
    for (const name of ["f1", "precision", "recall", "macroF1"]) {
      expect(valueOf(good!, name), name).toBeGreaterThan(valueOf(moved!, name));
      expect(valueOf(good!, name), name).toBeGreaterThan(valueOf(poor!, name));
    }
    expect(valueOf(moved!, "overlapRecall")).toBe(1);
    expect(valueOf(poor!, "overlapPrecision")).toBeLessThan(valueOf(moved!, "overlapPrecision"));
    const silent = truths.map((truth) => evaluation.measure(truth, null));
    const nothing = evaluateMeasures(evaluation, silent, { resamples: 20 });
    expect(nothing.metrics).toMatchObject({ f1: { value: 0 }, recall: { value: 0 }, precision: { value: null } });
  });

  it("scores each type by itself, and says where there is none", () => {
    const onlyDiseases = truths.map(({ spans }) => ({ spans: spans.filter(({ type }) => type === "DISEASE") }));
    const report = evaluateMeasures(
      evaluation,
      onlyDiseases.map((truth) => evaluation.measure(truth, truth.spans.slice(1))),
      { resamples: 20 },
    );
    const [disease, gene] = report.breakdown;
    expect(disease!.metrics["precision"]).toMatchObject({ value: 1, upper: 1 });
    expect(disease!.metrics["recall"]!.value!).toBeLessThan(1);
    expect(gene).toMatchObject({ count: 0, metrics: { f1: { value: null } } });
    expect(gene!.metrics["recall"]!.reason).toContain("no true entity of GENE");
    expect(report.details.examples).toEqual([]);
  });

  it("rests on texts, not on entities", () => {
    const few = answered(0.7, 0, 0).slice(0, 8);
    const { metrics } = evaluateMeasures(evaluation, few, { resamples: 20 });
    expect(metrics["recall"]!.caution).toBe("only 8 cases; Wilson's interval");
    expect(metrics["f1"]!.reason).toBe("no interval: it rests on 8 cases");
  });

  it("marks no character twice, and lets a true entity stand before a wrong one", () => {
    const truth = { text, spans: [{ start: 8, end: 13, type: "GENE" }] };
    const measure = evaluation.measure(truth, [
      { start: 8, end: 20, type: "DISEASE" },
      { start: 72, end: 77, type: "GENE" },
    ]);
    const details = evaluation.describe([measure], ["a"]);
    const texts = entitiesSections(details).find(({ kind }) => kind === "texts");
    expect(texts).toMatchObject({
      texts: [
        {
          marks: [
            { start: 8, end: 13, tone: "missed", label: "GENE" },
            { start: 72, end: 77, tone: "spurious" },
          ],
        },
      ],
    });
  });

  it.each(metricCases("entity_f1"))("agrees with seqeval: $id", (one) => {
    const sequences = (name: string) => z.array(z.array(z.string())).parse(one.inputs[name]);
    const [tagged, predicted] = [sequences("y_true"), sequences("y_pred")].map((all) =>
      all.map((tags) => entitiesOfTags(tags)),
    );
    const types = [...new Set([...tagged!, ...predicted!].flat().map(({ type }) => type))];
    if (types.length === 0) return;
    const own = entitiesEvaluation({ types });
    const { metrics } = own.statistic(tagged!.map((spans, row) => own.measure({ spans }, predicted![row]!)))();
    const expected = expectedOf(one);
    for (const [name, key] of Object.entries({
      precision: "precision",
      recall: "recall",
      f1: "f1",
      macroF1: "f1_macro",
    })) {
      // Nothing to count is undefined here and 0 there.
      if (Number.isNaN(metrics[name])) expect(expected[key]).toBe(0);
      else expectMetric(() => metrics[name]!, expected[key], 1e-6, name);
    }
  });

  it.each([
    ["no types", () => entitiesEvaluation({ types: [] }), "bad-argument"],
    ["two types of one name", () => entitiesEvaluation({ types: ["A", "A"] }), "bad-argument"],
    [
      "a type that is not listed",
      () => evaluation.measure({ spans: [] }, [{ start: 0, end: 1, type: "DRUG" }]),
      "bad-data",
    ],
    ["an empty span", () => evaluation.measure({ spans: [{ start: 1, end: 1, type: "GENE" }] }, []), "bad-data"],
  ])("refuses %s", (_, evaluate, code) => {
    expect(evaluate).toThrow(expect.objectContaining({ code }));
  });
});
