import { expect, it } from "vitest";
import { answersEvaluation } from "./answers/answers.ts";
import { classificationEvaluation } from "./classification/classification.ts";
import { detailsByKind, parseAnyEvaluationReport } from "./details-by-kind.ts";
import { entitiesEvaluation } from "./entities/entities.ts";
import { evaluateMeasures } from "./evaluate-measures.ts";
import { labelsEvaluation } from "./labels/labels.ts";
import { preferencesEvaluation } from "./preferences/preferences.ts";
import { rankingEvaluation } from "./ranking/ranking.ts";
import { regionsEvaluation } from "./regions/regions.ts";
import { regressionEvaluation } from "./regression/regression.ts";
import { relationsEvaluation } from "./relations/relations.ts";
import { fitSurvivalSettings } from "./survival/settings.ts";
import { survivalEvaluation } from "./survival/survival.ts";
import { textsEvaluation } from "./texts/texts.ts";

const followUp = { time: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], event: [1, 0, 1, 0, 1, 0, 1, 0, 1, 0] };
const evaluations = [
  answersEvaluation(),
  classificationEvaluation({ classes: ["a", "b"] }),
  entitiesEvaluation({ types: ["A"] }),
  labelsEvaluation({ labels: ["a"] }),
  preferencesEvaluation(),
  rankingEvaluation(),
  regionsEvaluation({ classes: ["background", "a"] }),
  regressionEvaluation({ targets: [{ name: "a" }] }),
  relationsEvaluation({ types: ["causes"] }),
  survivalEvaluation(fitSurvivalSettings(followUp)),
  textsEvaluation(),
];

it("lists the details of every kind of evaluation", () => {
  expect(evaluations.map(({ kind }) => kind)).toEqual(Object.keys(detailsByKind));
  for (const { kind, details } of evaluations) expect(Object.entries(detailsByKind)).toContainEqual([kind, details]);
});

it("reads a saved report of any kind, and refuses one whose details are of another", () => {
  const regression = regressionEvaluation({ targets: [{ name: "a" }] });
  const report = evaluateMeasures(regression, [regression.measure([1], [2])], { resamples: 2 });
  const saved: unknown = JSON.parse(JSON.stringify(report));
  expect(parseAnyEvaluationReport(saved)).toEqual(report);
  expect(() => parseAnyEvaluationReport({ ...report, kind: "labels" })).toThrow(/details\.labels/);
  expect(() => parseAnyEvaluationReport({ ...report, kind: "fortune" }, "a.json")).toThrow(
    expect.objectContaining({ code: "bad-file", where: "a.json" }),
  );
});
