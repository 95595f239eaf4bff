import { expect, it } from "vitest";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { bleuStatistic, chrfStatistic, rougeScores } from "../metrics/index.ts";
import { sentencesOf, supportedSentences } from "./supported.ts";
import { textsEvaluation } from "./texts.ts";

const cases = [
  { hypothesis: "The patient reports a cough since Monday.", references: ["Patient reports cough since Monday."] },
  { hypothesis: "No fever.", references: ["She denies fever, chills and nausea."] },
  { hypothesis: "", references: ["Aspirin 81 mg daily."] },
];

it("gives the figures of the metrics by themselves, a missing text counting as an empty one", () => {
  const evaluation = textsEvaluation();
  const measures = cases.map(({ hypothesis, references }) =>
    evaluation.measure({ references }, hypothesis === "" ? null : { text: hypothesis }),
  );
  // Measures are saved as JSON.
  const { metrics } = evaluation.statistic(JSON.parse(JSON.stringify(measures)) as typeof measures)();
  expect(metrics["bleu"]).toBeCloseTo(bleuStatistic(cases)().score, 12);
  expect(metrics["chrf"]).toBeCloseTo(chrfStatistic(cases)(), 12);
  const rouge = cases.map((one) => rougeScores(one.hypothesis, one.references[0]!).rougeL.f1);
  expect(metrics["rougeL"]).toBeCloseTo((rouge[0]! + rouge[1]! + rouge[2]!) / 3, 12);
  expect(metrics["supported"]).toBeUndefined();
  const report = evaluateMeasures(evaluation, measures, { resamples: 20 });
  expect(report.metrics["rouge1"]!.value).toBeGreaterThan(0);
});

it("counts letters in place of words for languages without spaces", () => {
  const evaluation = textsEvaluation({ tokens: "characters" });
  const measure = evaluation.measure({ references: ["手术治疗"] }, { text: "手术" });
  expect(measure.rouge1).toBeCloseTo(2 / 3, 12);
  expect(measure.bleu.length).toBe(2);
});

it("knows which sentences rest on their source", () => {
  const source = "Doctor: Any allergies? Patient: Penicillin, I take 81 mg of aspirin daily for 3.5 years.";
  expect(supportedSentences("Takes aspirin 81 mg daily. Allergies: penicillin.", source)).toEqual({
    supported: 2,
    sentences: 2,
  });
  // A number and a word that nobody said.
  expect(supportedSentences("Takes aspirin 325 mg daily. Metformin.", source)).toEqual({ supported: 0, sentences: 2 });
  expect(supportedSentences("患者需要手术治疗。", "病人需要手术治疗吗")).toEqual({ supported: 0, sentences: 1 });
  expect(supportedSentences("需要手术治疗。", "病人需要手术治疗吗")).toEqual({ supported: 1, sentences: 1 });
  expect(sentencesOf("He takes 3.5 mg daily. It is 5 p.m. now!\n- rash")).toEqual([
    "He takes 3.5 mg daily.",
    "It is 5 p.m.",
    "now!",
    "- rash",
  ]);
});
