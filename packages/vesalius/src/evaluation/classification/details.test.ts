/** What a report of a classification holds beside single metrics, and how its parts hang together. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { evaluateMeasures, type EvaluateMeasuresOptions } from "../evaluate-measures.ts";
import { parseEvaluationReport } from "../evaluation-report.ts";
import { rocAuc } from "../metrics/roc.ts";
import { classificationEvaluation, type ClassificationSettings } from "./classification.ts";

/** Cases whose true class gets a raised logit; `skill` 0 knows nothing. */
function simulate(settings: ClassificationSettings, count: number, skill: number) {
  const random = randomStream(1, "cases");
  const evaluation = classificationEvaluation(settings);
  const classes = settings.classes.length;
  const labels = Array.from({ length: count }, (_, row) => row % classes);
  const probabilities = labels.map((label) => {
    const logits = Array.from({ length: classes }, (_, c) => Math.exp(random.normal() + (c === label ? skill : 0)));
    const sum = logits.reduce((total, logit) => total + logit, 0);
    return logits.map((logit) => logit / sum);
  });
  const report = (options: EvaluateMeasuresOptions = {}, kept = labels) =>
    evaluateMeasures(
      evaluation,
      kept.map((label, row) => evaluation.measure(label, { probabilities: probabilities[row]! })),
      options,
    );
  return { evaluation, labels, probabilities, random, report };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

describe("of two classes", () => {
  const classes = ["normal", "pneumonia"];
  const { labels, probabilities, random, report } = simulate({ classes }, 600, 1.5);
  const sex = labels.map(() => (random.uniform() < 0.5 ? "female" : "male"));
  const age = labels.map(() => Math.floor(random.uniform() * 95));
  const ids = labels.map((_, row) => `case-${row}`);
  const { metrics, details, breakdown, attributes, floors } = report({ attributes: { sex, age }, ids, resamples: 200 });

  it("metrics lie inside their intervals, and those beat what no skill scores", () => {
    const scores = probabilities.map(([, positive]) => positive!);
    expect(metrics["rocAuc"]!.value).toBeCloseTo(rocAuc(labels, scores), 12);
    for (const [name, { value, lower, upper }] of Object.entries(metrics)) {
      expect(value, name).not.toBeNull();
      expect(lower!, name).toBeLessThan(upper!);
      // The calibration error is biased upwards in resamples, so its value may lie below the interval.
      if (name !== "expectedCalibrationError") expect(lower!, name).toBeLessThanOrEqual(value!);
      expect(upper!, name).toBeGreaterThanOrEqual(value!);
    }
    for (const name of ["rocAuc", "averagePrecision", "accuracy", "balancedAccuracy"])
      expect(metrics[name]!.lower!, name).toBeGreaterThan(floors[name]!);
    for (const name of ["brierScore", "logLoss"]) expect(metrics[name]!.upper!, name).toBeLessThan(floors[name]!);
  });

  it("the second is singled out, with the only curve", () => {
    expect(details.positiveClass).toBe(1);
    expect(details.curves.map(({ className }) => className)).toEqual(["pneumonia"]);
    expect(metrics["sensitivity"]).toEqual(breakdown[1]!.metrics["sensitivity"]);
    expect(breakdown[0]!.metrics["sensitivity"]!.value).toBeCloseTo(metrics["specificity"]!.value!, 12);
  });

  it("the confusion matrix and the bins hold every case, and curves are thin", () => {
    expect(details.confusionMatrix.map(sumOf)).toEqual([300, 300]);
    for (const bins of [details.reliability.topClass, details.reliability.positiveClass!])
      expect(sumOf(bins.map(({ count }) => count))).toBe(600);
    for (const { roc, precisionRecall } of details.curves) {
      expect(roc.falsePositiveRate.length).toBeLessThanOrEqual(200);
      expect(roc.falsePositiveRate.length).toBe(roc.truePositiveRate.length);
      expect(precisionRecall.recall.length).toBeLessThanOrEqual(200);
    }
  });

  it("subgroups hold every case with a value, in clinical age bands, and the gap is between the furthest two", () => {
    expect(attributes.map(({ subgroups }) => subgroups.map(({ name }) => name))).toEqual([
      ["female", "male"],
      ["under 40", "40 to 60", "60 to 80", "80 and over"],
    ]);
    for (const { subgroups, largestGaps } of attributes) {
      expect(sumOf(subgroups.map(({ count }) => count))).toBe(600);
      const areas = subgroups.map((subgroup) => subgroup.metrics["rocAuc"]!.value!);
      expect(largestGaps["rocAuc"]!.gap.value).toBeCloseTo(Math.max(...areas) - Math.min(...areas), 12);
    }
  });

  it("the mistakes in which the model was surest are listed, surest first", () => {
    expect(details.confidentErrors).toHaveLength(20);
    const confidences = details.confidentErrors.map(({ confidence }) => confidence);
    expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
    for (const { id, trueClass, predictedClass, confidence } of details.confidentErrors) {
      expect(classes[labels[ids.indexOf(id)]!]).toBe(trueClass);
      expect(trueClass).not.toBe(predictedClass);
      expect(confidence).toBeGreaterThan(0.5);
    }
  });

  it("a subgroup of one class says so and keeps what is defined, and takes no part in other gaps", () => {
    const site = labels.map((label, row) =>
      row < 100 ? (label === 1 ? "only positive" : "mixed") : row % 9 === 0 ? null : "mixed",
    );
    const [found] = report({ attributes: { site }, resamples: 20 }).attributes;
    const positive = found!.subgroups.find(({ name }) => name === "only positive")!.metrics;
    expect(positive["rocAuc"]).toEqual({ value: null, lower: null, upper: null, reason: "no case of normal" });
    expect(positive["specificity"]!.value).toBeNull();
    expect(positive["accuracy"]!.value).toBe(positive["sensitivity"]!.value);
    expect(positive["sensitivity"]!.value).toBeGreaterThan(0);
    expect(found!.missing).toBe(site.filter((value) => value === null).length);
    expect(found!.largestGaps["rocAuc"]).toBeUndefined();
    const [low, high] = found!.subgroups.map(({ metrics }) => metrics["accuracy"]!.value!).sort((a, b) => a - b);
    expect(found!.largestGaps["accuracy"]!.gap.value).toBeCloseTo(high! - low!, 12);
  });

  it("the interval of a subgroup with a single negative is that of one case", () => {
    const rare = labels.map((label, row) => (row === 0 || (label === 1 && row < 80) ? "rare" : "rest"));
    const [found] = report({ attributes: { rare }, resamples: 100 }).attributes;
    const area = found!.subgroups.find(({ name }) => name === "rare")!.metrics["rocAuc"]!;
    expect(area.value).not.toBeNull();
    expect(area.caution).toBe("only 1 case; Wilson's interval");
    expect(area.upper! - area.lower!).toBeGreaterThan(0.7);
  });
});

describe("of several classes", () => {
  const classes = ["akiec", "bcc", "mel", "nv"];

  it("there is every metric, a curve for each class, and the positive class where one is named", () => {
    const { report } = simulate({ classes, positiveClass: "mel", ordered: true }, 400, 2);
    const { metrics, details, breakdown } = report({ resamples: 20 });
    expect(Object.keys(metrics)).toHaveLength(24);
    expect(details.curves).toHaveLength(4);
    expect(details.positiveClass).toBe(2);
    expect(metrics["sensitivity"]).toEqual(breakdown[2]!.metrics["sensitivity"]);
    const mean = sumOf(breakdown.map((one) => one.metrics["rocAuc"]!.value!)) / 4;
    expect(metrics["rocAuc"]!.value).toBeCloseTo(mean, 12);
    expect(metrics["macroRecall"]!.value).toBeCloseTo(metrics["balancedAccuracy"]!.value!, 12);
  });

  it("a class without cases leaves means over classes undefined, and says so", () => {
    const { labels, report } = simulate({ classes }, 300, 2);
    const without = labels.map((label) => (label === 3 ? 0 : label));
    const { metrics, details, breakdown } = report({ resamples: 20 }, without);
    const nothing = { value: null, lower: null, upper: null, reason: "no case of nv" };
    expect(metrics["rocAuc"]).toEqual(nothing);
    expect(metrics["macroF1"]).toEqual(nothing);
    expect(breakdown[3]!.metrics["averagePrecision"]).toEqual(nothing);
    expect(metrics["accuracy"]!.value).toBeGreaterThan(0.3);
    expect(details.curves).toHaveLength(3);
  });
});

it("any probabilities and labels give a report that its schema accepts", () => {
  const evaluation = classificationEvaluation({ classes: ["a", "b", "c"], positiveClass: "b" });
  const logit = fc.integer({ min: -9, max: 9 });
  const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.tuple(logit, logit, logit)), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(cases, (rows) => {
      const measures = rows.map(([label, logits]) => {
        const sum = sumOf(logits.map(Math.exp));
        return evaluation.measure(label, { probabilities: logits.map((value) => Math.exp(value) / sum) });
      });
      const attributes = { half: rows.map((_, row) => (row % 2 === 0 ? "even" : null)) };
      const report = evaluateMeasures(evaluation, measures, { resamples: 10, attributes, minimumSubgroupSize: 3 });
      expect(parseEvaluationReport(JSON.parse(JSON.stringify(report)), evaluation)).toEqual(report);
    }),
    { numRuns: 60 },
  );
});
