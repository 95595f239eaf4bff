import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { researchUseNotice } from "../report/index.ts";
import { classificationEvaluation } from "./classification/classification.ts";
import { evaluateMeasures } from "./evaluate-measures.ts";
import { parseEvaluationReport } from "./evaluation-report.ts";
import { saveEvaluation } from "./save-evaluation.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "evaluation-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("leaves a report that can be read back and one to look at, with notice, unit and cost", async () => {
  const evaluation = classificationEvaluation({ classes: ["benign", "malignant"] });
  const measures = Array.from({ length: 60 }, (_, row) =>
    evaluation.measure(row % 2, { probabilities: row % 3 === 0 ? [0.6, 0.4] : [0.3, 0.7] }),
  );
  const report = {
    ...evaluateMeasures(evaluation, measures, { resamples: 10 }),
    cost: { seconds: 12, examplesPerSecond: 5 },
  };
  const target = join(folder, "deep", "evaluation");
  await saveEvaluation(report, target, evaluation, { title: "Skin", subtitle: "On validation", unit: "lesions" });
  const saved = JSON.parse(await readFile(join(target, "report.json"), "utf8")) as { notice: string };
  expect(saved.notice).toBe(researchUseNotice);
  expect(parseEvaluationReport(saved, evaluation)).toEqual(report);
  const page = await readFile(join(target, "report.html"), "utf8");
  expect(page).toContain("60 lesions: benign 30, malignant 30.");
  expect(page).toContain("Lesions per second");
  expect(page).toContain("On validation");
});
