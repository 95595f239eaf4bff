import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import { averagePrecisionMultilabel } from "../metrics/precision-recall.ts";
import { rocAucMultilabel } from "../metrics/roc-multiclass.ts";
import { labelsEvaluation } from "./labels.ts";

const findings = ["oedema", "effusion", "nodule"];
const evaluation = labelsEvaluation({ labels: findings });
const random = randomStream(6, "findings");
const truths = Array.from({ length: 200 }, (_, row) => [
  row % 2,
  row % 5 === 0 ? 1 : 0,
  row % 7 === 0 ? -1 : row % 3 === 0 ? 1 : 0,
]);

/** Answers by a logit that follows the truth as far as `skill` says. */
const measured = (skill: number, some = truths) =>
  some.map((truth) =>
    evaluation.measure(truth, {
      probabilities: truth.map(
        (label) => 1 / (1 + Math.exp(-(skill * (2 * Math.max(0, label) - 1) + random.normal()))),
      ),
    }),
  );
const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("labelsEvaluation", () => {
  it("gives a sound report, in which what is not known is counted and nothing else", async () => {
    const report = await expectSound(evaluation, measured(1.5));
    expect(report.composition).toEqual({ oedema: 100, effusion: 40, nodule: 57 });
    expect(report.details.labels[2]).toMatchObject({ present: 57, absent: 114, unknown: 29 });
    expect(report.breakdown.map(({ name }) => name)).toEqual(findings);
  });

  it("is honest: worse answers score worse, and reversed ones fall below the floor", () => {
    const [good, poor, reversed] = [2, 0.5, -2].map((skill) =>
      evaluateMeasures(evaluation, measured(skill), { resamples: 20 }),
    );
    for (const name of ["rocAuc", "averagePrecision", "f1", "microF1", "exactMatch"])
      expect(valueOf(good!, name), name).toBeGreaterThan(valueOf(poor!, name));
    for (const name of ["rocAuc", "averagePrecision"]) {
      expect(valueOf(poor!, name), name).toBeGreaterThan(poor!.floors[name]!);
      expect(valueOf(reversed!, name), name).toBeLessThan(reversed!.floors[name]!);
    }
    expect(valueOf(good!, "brierScore")).toBeLessThan(good!.floors["brierScore"]!);
    expect(valueOf(reversed!, "brierScore")).toBeGreaterThan(reversed!.floors["brierScore"]!);
  });

  it("agrees with the metrics of complete labels", () => {
    const complete = truths.map((truth) => truth.map((label) => Math.max(0, label)));
    const measures = measured(1, complete);
    const columns = {
      labels: complete.flat(),
      scores: measures.flatMap(({ probabilities }) => Array.from(probabilities!)),
      findings: 3,
    };
    const { metrics } = evaluation.statistic(measures)();
    expect(metrics["rocAuc"]).toBeCloseTo(rocAucMultilabel(columns), 12);
    expect(metrics["microRocAuc"]).toBeCloseTo(rocAucMultilabel(columns, "micro"), 12);
    expect(metrics["averagePrecision"]).toBeCloseTo(averagePrecisionMultilabel(columns), 12);
  });

  it("answers by thresholds that were chosen elsewhere", () => {
    const measures = measured(1);
    const bold = measures.map(({ labels, probabilities }) =>
      evaluation.measure(labels, { probabilities: probabilities!, thresholds: [0, 0, 0] }),
    );
    const { metrics, parts } = evaluation.statistic(bold)();
    expect(parts!["effusion"]!["f1"]).toBeCloseTo((2 * 40) / (200 + 40), 12);
    expect(metrics["rocAuc"]).toBe(evaluation.statistic(measures)().metrics["rocAuc"]);
  });

  it("counts a case without an answer as no exact match, and as saying nothing", () => {
    const silent = truths.map((truth) => evaluation.measure(truth, null));
    expect(evaluation.statistic(silent)().metrics).toMatchObject({ exactMatch: 0, rocAuc: 0.5, brierScore: 0.25 });
  });

  it("says what a label lacks, and how few cases it rests on", () => {
    const rare = truths.map(([oedema], row) => [oedema!, 0, row < 3 ? 1 : 0]);
    const { breakdown, metrics } = evaluateMeasures(evaluation, measured(1, rare), { resamples: 50 });
    expect(breakdown[1]!.metrics["rocAuc"]).toMatchObject({ value: null, reason: "no case with effusion" });
    expect(breakdown[2]!.metrics["rocAuc"]!.caution).toBe("only 3 cases; Wilson's interval");
    expect(breakdown[2]!.metrics["f1"]!.reason).toBe("no interval: it rests on 3 cases");
    expect(metrics["rocAuc"]!.caution).toBe("one part rests on only 3 cases");
  });

  it.each([
    ["no labels", () => labelsEvaluation({ labels: [] }), "bad-argument"],
    ["two labels of one name", () => labelsEvaluation({ labels: ["a", "a"] }), "bad-argument"],
    ["a truth that is no label", () => evaluation.measure([2, 0, 0], null), "bad-data"],
    ["logits", () => evaluation.measure([1, 0, 0], { probabilities: [3, 0, 0] }), "bad-data"],
    ["another number of labels", () => evaluation.measure([1, 0], null), "shape-mismatch"],
  ])("refuses %s", (_, evaluate, code) => {
    expect(evaluate).toThrow(expect.objectContaining({ code }));
  });
});
