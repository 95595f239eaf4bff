import { readFile } from "node:fs/promises";
import { z } from "zod";
import { fileError } from "../../common/files.node.ts";
import { describeDataset } from "../../data/dataset/index.ts";
import { htmlReport, reportSectionSchema, type ReportSection } from "../../report/index.ts";
import type { Environment } from "../folder/environment.ts";
import type { RunFolder } from "../folder/run-folder.node.ts";
import { measuresFile } from "../stages/adaptation/evaluation-stage.node.ts";
import { decodeMeasured, type Measured } from "../../tasks/index.ts";
import type { RunPlan } from "../stages/plan.node.ts";
import { shownFile } from "../stages/pretraining/pretraining-stage.node.ts";
import type { RecordOf, StageKind, StageRecord } from "../stages/records.ts";
import type { RunParts } from "../stages/run-parts.ts";
import type { Stage } from "../stages/stage.ts";
import { buildRunReport } from "./build-report.ts";
import { runDocument } from "./document.ts";
import type { RunFindings } from "./findings.ts";
import { type RunSummary, summarise } from "./summary.ts";

/** A run whose stages are all done. */
export interface FinishedRun {
  readonly parts: RunParts;
  readonly plan: RunPlan;
  readonly records: ReadonlyMap<Stage, StageRecord>;
  readonly folder: RunFolder;
  readonly environment: Environment;
}

/** Records are kept under the stage that they are of. */
const recordOf = <Kind extends StageKind>({ records }: FinishedRun, stage: Stage<Kind>): RecordOf<Kind> =>
  records.get(stage) as RecordOf<Kind>;

async function readMeasured({ folder, parts }: FinishedRun, stage: Stage): Promise<Measured> {
  const path = folder.file(stage.folder, measuresFile);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw fileError(error, path);
  });
  return decodeMeasured(text, parts.task!.evaluation.kind, path);
}

/** What the objective of the first pretraining shows. */
async function shownSections({ folder, plan }: FinishedRun): Promise<readonly ReportSection[]> {
  const [first] = plan.pretrainings;
  if (first === undefined) return [];
  return (await folder.readJson(`${first.folder}/${shownFile}`, z.array(reportSectionSchema))) ?? [];
}

/** What is shown of the answers of each method's first seed, by method. */
async function shownAnswers(run: FinishedRun): Promise<Record<string, readonly ReportSection[]>> {
  const shown: Record<string, readonly ReportSection[]> = {};
  for (const { adaptation, evaluation } of run.plan.models) {
    const { method } = recordOf(run, adaptation);
    if (Object.hasOwn(shown, method)) continue;
    // Tasks that show nothing, and runs of earlier versions, have none.
    shown[method] =
      (await run.folder.readJson(`${evaluation.folder}/${shownFile}`, z.array(reportSectionSchema))) ?? [];
  }
  return shown;
}

async function findingsOf(run: FinishedRun): Promise<RunFindings> {
  const { parts, plan } = run;
  const models = [];
  for (const { adaptation, evaluation } of plan.models) {
    const measured = await readMeasured(run, evaluation);
    models.push({ record: recordOf(run, adaptation), folder: adaptation.folder, measured });
  }
  const baselines = [];
  for (const stage of plan.baselines)
    baselines.push({ label: stage.label, title: stage.title, measured: await readMeasured(run, stage) });
  const studies = [];
  for (const { study, points } of plan.studies) {
    const found = [];
    for (const { point, stage, adaptation, fold } of points) {
      const { examples } = recordOf(run, adaptation ?? (stage as Stage<"point">));
      const measured = await readMeasured(run, stage);
      const rows = fold === undefined ? measured.rows : measured.rows.map((row) => fold.rows[row]!);
      found.push({ point, examples, split: fold?.whole ?? parts.evaluated!, measured: { ...measured, rows } });
    }
    studies.push({ study, points: found });
  }
  const records = plan.stages.map((stage) => run.records.get(stage)!);
  return { records, smoke: parts.smoke, task: parts.task, metric: parts.metric, models, baselines, studies };
}

/** Writes `report.json`, `report.html` and `summary.json`. */
export async function writeReport(run: FinishedRun): Promise<RunSummary> {
  const { parts, plan, folder, environment } = run;
  const report = buildRunReport(parts.recipe, parts.data, await findingsOf(run), environment);
  const document = runDocument(report, {
    description: parts.recipe.description,
    datasets: parts.data.datasets.map(describeDataset),
    shown: await shownSections(run),
    shownAnswers: await shownAnswers(run),
    task: parts.task,
    studies: plan.studies.map(({ study }) => study),
  });
  const summary = summarise(report);
  await folder.writeJson("report.json", report);
  await folder.write("report.html", await htmlReport(document));
  await folder.writeJson("summary.json", summary);
  return summary;
}
