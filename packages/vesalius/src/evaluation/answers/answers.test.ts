import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import { answersEvaluation } from "./answers.ts";
import { normalizeAnswer, wordF1 } from "./normalize.ts";

describe("normalizeAnswer", () => {
  it.each([
    ["The Right lung.", "right lung"],
    ["3.5 cm", "3.5 cm"],
    ["1,200", "1,200"],
    ["-5 mm", "-5 mm"],
    ["T2-weighted", "t2 weighted"],
    ["left/right", "left right"],
    ["L-3", "l 3"],
    ["yes!", "yes"],
    ["5.", "5"],
    ["A", "a"],
    ["±", "±"],
    ["ＣＴ", "ct"],
    ["", ""],
  ])("%s", (text, normalized) => {
    expect(normalizeAnswer(text)).toBe(normalized);
  });

  it("is done once and for all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(normalizeAnswer(normalizeAnswer(text))).toBe(normalizeAnswer(text));
      }),
    );
  });
});

describe("wordF1", () => {
  it("is the F1 of shared words, each as often as both have it", () => {
    expect(wordF1("right lower lobe", "right lobe")).toBeCloseTo(0.8, 12);
    expect(wordF1("no no", "no")).toBeCloseTo(2 / 3, 12);
    expect(wordF1("yes", "no")).toBe(0);
    expect([wordF1("", ""), wordF1("", "a")]).toEqual([1, 0]);
  });
});

const evaluation = answersEvaluation({ kinds: ["closed", "open"] });
const random = randomStream(2, "questions");
const places = ["right lung", "left lung", "heart", "liver", "the spleen"];
const truths = Array.from({ length: 160 }, (_, row) =>
  row % 2 === 0
    ? { answers: [row % 3 === 0 ? "no" : "yes"], kind: "closed" }
    : { answers: [places[row % 5]!], kind: "open" },
);

/** Right answers with a chance, otherwise another one of the same kind; the confidence says how large the chance is. */
const measured = (skill: number, confidence = skill) =>
  truths.map((truth, row) => {
    const right = random.uniform() < skill;
    const other = truth.kind === "closed" ? (truth.answers[0] === "no" ? "Yes." : "No!") : places[(row + 1) % 5]!;
    return evaluation.measure(truth, {
      text: right ? truth.answers[0]!.toUpperCase() : other,
      probability: confidence,
    });
  });
const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("answersEvaluation", () => {
  it("gives a sound report, by kind of question", async () => {
    const report = await expectSound(evaluation, measured(0.7));
    expect(report.breakdown.map(({ name, count }) => [name, count])).toEqual([
      ["closed", 80],
      ["open", 80],
    ]);
    const [closed, open] = report.breakdown.map(({ metrics }) => metrics["accuracy"]!.value!);
    expect(valueOf(report, "accuracy")).toBeCloseTo((closed! + open!) / 2, 12);
    expect(report.details.confusions[0]!.count).toBeGreaterThan(1);
  });

  it("is honest about skill and confidence, beside the most frequent answer of each kind", () => {
    const [good, bold, none] = [measured(0.8), measured(0.8, 1), measured(0.05)].map((measures) =>
      evaluateMeasures(evaluation, measures, { resamples: 20 }),
    );
    // 53 of 80 closed questions are "yes", 16 of 80 open ones have each answer.
    expect(good!.floors["accuracy"]).toBeCloseTo((53 + 16) / 160, 12);
    expect(valueOf(good!, "accuracy")).toBeGreaterThan(good!.floors["accuracy"]! + 0.2);
    expect(valueOf(none!, "accuracy")).toBeLessThan(none!.floors["accuracy"]!);
    expect(valueOf(good!, "wordF1")).toBeGreaterThanOrEqual(valueOf(good!, "accuracy"));
    expect(valueOf(bold!, "expectedCalibrationError")).toBeGreaterThan(valueOf(good!, "expectedCalibrationError"));
  });

  it("takes any right wording, and nothing for a question without an answer", () => {
    const truth = { answers: ["chest x-ray", "CXR"], kind: "open" };
    expect(evaluation.measure(truth, { text: "a CXR" })).toMatchObject({ right: 1, wordF1: 1, probability: null });
    expect(evaluation.measure(truth, { text: "x-ray" })).toMatchObject({ right: 0, wordF1: 0.8 });
    expect(evaluation.measure(truth, null)).toMatchObject({ right: 0, wordF1: 0, answer: null });
    const { metrics, details } = evaluateMeasures(evaluation, [evaluation.measure(truth, null)], { resamples: 2 });
    expect(metrics).not.toHaveProperty("expectedCalibrationError");
    expect(details.reliability).toEqual([]);
  });

  it("shows no answers where cases may not be named", () => {
    const { details } = evaluateMeasures(evaluation, measured(0.5), { resamples: 2 });
    expect(details).toMatchObject({ confusions: [], confidentErrors: [] });
  });

  it.each([
    ["a question without a right answer", () => evaluation.measure({ answers: [] }, null), "bad-data"],
    [
      "a confidence that is none",
      () => evaluation.measure({ answers: ["a"] }, { text: "a", probability: 2 }),
      "bad-data",
    ],
    ["two kinds of one name", () => answersEvaluation({ kinds: ["a", "a"] }), "bad-argument"],
  ])("refuses %s", (_, evaluate, code) => {
    expect(evaluate).toThrow(expect.objectContaining({ code }));
  });
});
