import { nodeCpu, withThreads } from "../runtime/index.node.ts";
import type { EnergyAssumptionsInput } from "../trust/index.ts";
import { defineRecipe } from "./parse.ts";
import type { RunSummary } from "./report/summary.ts";
import { writeReport } from "./report/write-report.node.ts";
import { checkRecipeData } from "./run/check-data.ts";
import { openRecipeData } from "./run/data.node.ts";
import { currentEnvironment } from "./run/environment.node.ts";
import type { RunEvent } from "./run/events.ts";
import { MetricsFile, type MetricsLine } from "./run/metrics-file.node.ts";
import { startingBackbone } from "./run/pretraining-stage.node.ts";
import { requireReportTools } from "./run/report-tools.node.ts";
import { RunFolder } from "./run/run-folder.node.ts";
import { fingerprintOf } from "./run/stage.node.ts";
import { runStages, stageNames } from "./run/stages.node.ts";
import type { RecipeInput } from "./schema.ts";

/** Options of `runRecipe`. */
export interface RunRecipeOptions {
  /** Folder that holds the datasets that the recipe names, or one of them. */
  readonly data?: string;
  /** Folder of the run; a new one, or that of the same recipe to go on with it. */
  readonly out: string;
  readonly onEvent?: (event: RunEvent) => void;
  /** Stops after the step that is under way; the same call goes on later. */
  readonly signal?: AbortSignal;
  /** Threads of the engine; all cores by default. */
  readonly threads?: number;
  /** Worker threads that prepare batches; 1 by default. */
  readonly workers?: number;
  /** Assumptions behind estimated energy. */
  readonly energy?: EnergyAssumptionsInput;
}

/** What a run leaves. */
export interface RunOutcome {
  /** The folder as it was given. */
  readonly folder: string;
  readonly summary: RunSummary;
}

/** Metrics that finished stages and checkpoints know. */
async function knownMetrics(folder: RunFolder, stages: readonly string[]): Promise<MetricsLine[]> {
  const lines: MetricsLine[] = [];
  for (const stage of stages) {
    const record = (await folder.readStage(stage)) ?? (await folder.checkpoints(stage).load());
    for (const { score, ...rest } of record?.history ?? [])
      lines.push({ stage, ...rest, ...(score === undefined ? {} : { score }) });
  }
  return lines;
}

/**
 * Runs a recipe: pretraining, every adaptation method with every seed, evaluation, label efficiency, report. Everything
 * lands in one folder. The same call on the same folder goes on where an interrupted run was: finished stages are read
 * back, the one under way resumes from its checkpoint, to the same numbers.
 *
 * @param recipe as an object, or as `parseRecipe` or `defineRecipe` gave it
 * @throws VesaliusError `bad-configuration`, `missing-file`, `missing-dependency`, `bad-data`, `data-leakage` before
 * anything is computed; `run-in-progress`, `checkpoint-mismatch`, `output-not-writable` for the folder; `not-a-number` and
 * `disk-full` with the stage, the last checkpoint kept; `interrupted` after an abort
 *
 * @example
 * await runRecipe(parseRecipe(await readFile("pneumonia.yaml", "utf8")), { data: "./data", out: "runs/pneumonia" });
 */
export async function runRecipe(recipe: RecipeInput, options: RunRecipeOptions): Promise<RunOutcome> {
  const { data: dataFolder, out, threads, workers = 1, energy = {}, onEvent = () => {}, signal } = options;
  const resolved = defineRecipe(recipe);
  await requireReportTools(resolved);
  const engine = await nodeCpu();
  const backend = threads === undefined ? engine : withThreads(engine, threads);
  const start = await startingBackbone(resolved.backbone);
  const data = await openRecipeData(resolved, start, dataFolder);
  checkRecipeData(resolved, data.task);
  const folder = await RunFolder.open(out, resolved);
  try {
    const environment = await currentEnvironment(backend, threads);
    await folder.writeJson("environment.json", environment);
    const stages = stageNames(resolved);
    const metrics = await MetricsFile.begin(folder.file("metrics.jsonl"), await knownMetrics(folder, stages));
    const fingerprint = fingerprintOf(resolved, data, start);
    const context = {
      recipe: resolved,
      folder,
      data,
      backend,
      metrics,
      energy,
      workers,
      onEvent,
      signal,
      stages,
      fingerprint,
    };
    const findings = await runStages(context, start);
    const summary = await writeReport(context, findings, environment);
    await folder.clear("checkpoints");
    return { folder: folder.path, summary };
  } finally {
    await folder.close();
  }
}
