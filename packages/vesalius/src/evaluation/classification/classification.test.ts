import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { cohenKappa } from "../metrics/agreement.ts";
import { confusionMatrix } from "../metrics/confusion.ts";
import { pairedComparison } from "../statistics/paired-comparison.ts";
import { classificationEvaluation } from "./classification.ts";
import type { ClassificationMeasure } from "./measure.ts";

const binary = classificationEvaluation({ classes: ["normal", "pneumonia"] });
const grades = classificationEvaluation({ classes: ["mild", "moderate", "severe"], ordered: true });

/** Cases whose true class gets a raised logit; `skill` 0 knows nothing, below 0 is worse than that. */
function simulate(evaluation: typeof binary, classes: number, count: number, skill: number): ClassificationMeasure[] {
  const random = randomStream(7, "cases", count, classes);
  return Array.from({ length: count }, (_, row) => {
    const label = row % classes;
    const logits = Array.from({ length: classes }, (_, c) => random.normal() + (c === label ? skill : 0));
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    return evaluation.measure(label, { probabilities: logits.map((logit) => Math.exp(logit) / sum) });
  });
}

const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("classificationEvaluation", () => {
  it.each([
    ["two classes", binary, 2],
    ["grades", grades, 3],
  ] as const)("of %s gives a sound report, and is honest about skill", async (_, evaluation, classes) => {
    const good = await expectSound(evaluation, simulate(evaluation, classes, 240, 2));
    const none = evaluateMeasures(evaluation, simulate(evaluation, classes, 240, 0), { resamples: 20 });
    const wrong = evaluateMeasures(evaluation, simulate(evaluation, classes, 240, -2), { resamples: 20 });
    for (const name of ["rocAuc", "averagePrecision", "balancedAccuracy", "matthewsCorrelation"]) {
      expect(valueOf(good, name), name).toBeGreaterThan(good.floors[name]! + 0.2);
      expect(Math.abs(valueOf(none, name) - none.floors[name]!), name).toBeLessThan(0.12);
      expect(valueOf(wrong, name), name).toBeLessThan(wrong.floors[name]!);
    }
    for (const name of ["brierScore", "logLoss"]) {
      expect(valueOf(good, name), name).toBeLessThan(good.floors[name]!);
      expect(valueOf(wrong, name), name).toBeGreaterThan(wrong.floors[name]!);
    }
  });

  it("counts the distance of grades", () => {
    const measures = simulate(grades, 3, 120, 1);
    const { quadraticKappa, meanClassError } = grades.statistic(measures)().metrics;
    const matrix = confusionMatrix(
      measures.map(({ label }) => label),
      measures.map(({ predicted }) => predicted),
    );
    expect(quadraticKappa).toBeCloseTo(cohenKappa(matrix, "quadratic"), 12);
    const off = measures.map(({ label, predicted }) => Math.abs(label - predicted));
    expect(meanClassError).toBeCloseTo(off.reduce((sum, one) => sum + one) / off.length, 12);
    expect(binary.metrics).not.toHaveProperty("quadraticKappa");
  });

  it("answers by a threshold that was chosen elsewhere", () => {
    const answer = { probabilities: [0.7, 0.3] };
    expect(binary.measure(1, answer).predicted).toBe(0);
    expect(binary.measure(1, { ...answer, threshold: 0.25 }).predicted).toBe(1);
    const measures = simulate(binary, 2, 200, 1);
    const bold = measures.map(({ label, probabilities }) => binary.measure(label, { probabilities, threshold: 0.2 }));
    const [usual, early] = [measures, bold].map((some) => evaluateMeasures(binary, some, { resamples: 10 }));
    expect(valueOf(early!, "sensitivity")).toBeGreaterThan(valueOf(usual!, "sensitivity"));
    expect(valueOf(early!, "specificity")).toBeLessThan(valueOf(usual!, "specificity"));
    expect(valueOf(early!, "rocAuc")).toBe(valueOf(usual!, "rocAuc"));
    expect(early!.details.threshold).toBe(0.2);
    expect(() => grades.measure(0, { probabilities: [1, 0, 0], threshold: 0.5 })).toThrow(/positive class/);
  });

  it("counts a case without an answer as wrong, and never lets declining pay", () => {
    const measures = simulate(binary, 2, 100, 1.5);
    const right = measures.findIndex(({ label, predicted }) => label === predicted);
    const declined = measures.with(right, binary.measure(measures[right]!.label, null));
    const [all, one] = [measures, declined].map((some) => binary.statistic(some)().metrics);
    expect(one!["accuracy"]).toBeCloseTo(all!["accuracy"]! - 1 / 100, 12);
    expect(one!["matthewsCorrelation"]).toBeLessThan(all!["matthewsCorrelation"]!);
    const { details } = evaluateMeasures(binary, declined, { resamples: 5 });
    expect(details.withoutAnswer.reduce((sum, count) => sum + count)).toBe(1);
    expect(details.confusionMatrix.flat().reduce((sum, count) => sum + count)).toBe(99);
    // An answer that was wrong with certainty is not made up for, but equal probabilities cost less.
    const silent = measures.map(({ label }) => binary.measure(label, null));
    expect(binary.statistic(silent)().metrics).toMatchObject({ accuracy: 0, rocAuc: 0.5, brierScore: 0.25 });
  });

  it("is read as it is where a single class occurs, and says what is not defined", () => {
    const measures = simulate(binary, 2, 80, 2).filter(({ label }) => label === 1);
    const { metrics } = evaluateMeasures(binary, measures, { resamples: 20 });
    expect(metrics["rocAuc"]).toMatchObject({ value: null, reason: "no case of normal" });
    expect(metrics["sensitivity"]!.value).toBeGreaterThan(0.7);
  });

  it("says how little one positive case of a thousand tells", () => {
    const random = randomStream(1, "one positive");
    const measures = Array.from({ length: 1000 }, (_, row) => {
      const positive = row === 0 ? 0.93 : 0.9 * random.uniform();
      return binary.measure(row === 0 ? 1 : 0, { probabilities: [1 - positive, positive] });
    });
    const { metrics } = evaluateMeasures(binary, measures, { resamples: 100 });
    for (const name of ["rocAuc", "sensitivity", "sensitivityAtSpecificity"]) {
      expect(metrics[name]!.upper! - metrics[name]!.lower!, name).toBeGreaterThan(0.75);
      expect(metrics[name]!.caution, name).toMatch(/^only 1 case/);
    }
    for (const name of ["averagePrecision", "f1", "matthewsCorrelation"])
      expect(metrics[name], name).toMatchObject({ lower: null, reason: "no interval: it rests on 1 case" });
    expect(metrics["accuracy"]).not.toHaveProperty("caution");
  });

  it("compares two models on the same cases", () => {
    const [strong, weak] = [2, 0.5].map((skill) => simulate(binary, 2, 200, skill));
    const { rocAuc, brierScore } = pairedComparison(binary, strong!, weak!, { resamples: 200 });
    expect(rocAuc!.difference.value).toBeCloseTo(rocAuc!.first! - rocAuc!.second!, 12);
    expect(rocAuc!.difference.lower).toBeGreaterThan(0);
    expect(rocAuc!.pValue).toBeLessThan(0.05);
    expect(brierScore!.difference.upper).toBeLessThan(0);
    const same = pairedComparison(binary, weak!, weak!, { metrics: ["accuracy"], resamples: 50 });
    expect(same).toEqual({
      accuracy: expect.objectContaining({ pValue: 1, difference: expect.objectContaining({ value: 0, lower: null }) }),
    });
    expect(() => pairedComparison(binary, weak!, weak!.toReversed())).toThrow(/same cases/);
    expect(() => pairedComparison(binary, weak!, weak!.slice(1))).toThrow(/same cases/);
  });

  it.each([
    ["a label that is no class", () => binary.measure(2, { probabilities: [0.5, 0.5] }), "bad-data"],
    ["logits", () => binary.measure(1, { probabilities: [2, 3] }), "bad-data"],
    ["NaN", () => binary.measure(1, { probabilities: [NaN, 1] }), "not-a-number"],
    ["too few classes", () => binary.measure(1, { probabilities: [1] }), "shape-mismatch"],
    ["no cases", () => evaluateMeasures(binary, []), "bad-data"],
    [
      "an unknown positive class",
      () => classificationEvaluation({ classes: ["a", "b"], positiveClass: "c" }),
      "bad-argument",
    ],
    ["one class", () => classificationEvaluation({ classes: ["a"] }), "bad-argument"],
    ["two classes of one name", () => classificationEvaluation({ classes: ["a", "a"] }), "bad-argument"],
  ])("refuses %s", (_, evaluate, code) => {
    expect(evaluate).toThrow(expect.objectContaining({ code }));
  });
});
