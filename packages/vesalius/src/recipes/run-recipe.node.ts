import { throwIfInterrupted } from "../common/interruption.ts";
import { checkThreads, nodeCpu, withThreads } from "../runtime/index.node.ts";
import type { EnergyAssumptionsInput } from "../trust/index.ts";
import type { Catalogues } from "./catalogues.ts";
import { builtInCatalogues } from "./catalogues.node.ts";
import { currentEnvironment } from "./folder/environment.node.ts";
import { MetricsFile, type MetricsLine } from "./folder/metrics-file.node.ts";
import { RunFolder } from "./folder/run-folder.node.ts";
import { SharedStages } from "./folder/shared-stages.node.ts";
import { defineRecipe, formatRecipe } from "./parse.ts";
import { rehearsed } from "./rehearse-recipe.node.ts";
import { requireReportTools } from "./report/report-tools.node.ts";
import type { RunSummary } from "./report/summary.ts";
import { writeReport } from "./report/write-report.node.ts";
import type { RecipeInput } from "./schema.ts";
import type { RunEvent } from "./stages/events.ts";
import type { StageRecord } from "./stages/records.ts";
import { runStage } from "./stages/run-stage.node.ts";
import type { Stage } from "./stages/stage.ts";

/** Options of `runRecipe`. */
export interface RunRecipeOptions {
  /** Folder that holds the datasets that the recipe names, or one of them. */
  readonly data?: string;
  /** Most bytes that reading each dataset may hold in memory, in place of what the recipe says of it. */
  readonly maxBytes?: number;
  /**
   * Whether datasets may be links that lead out of `data`. By default they may not: a recipe comes from others, and names
   * what is read.
   */
  readonly followLinks?: boolean;
  /**
   * Hosts, with their ports where they have one, that a method may send what examples say to: `localhost:11434`. None by
   * default, whatever a recipe names.
   */
  readonly allowEndpoint?: readonly string[];
  /** Folder of the run; a new one, or that of the same recipe to go on with it. */
  readonly out: string;
  /** Folder in which runs share finished stages; none where it is left out. */
  readonly stages?: string;
  /**
   * A trial in seconds: the `nano` size of the network, a handful of examples, few steps. It shows that recipe, data and
   * report go together, and nothing else.
   */
  readonly smoke?: boolean;
  /** What a recipe can name: the library's own lists, or those that a program has added to. */
  readonly catalogues?: Catalogues;
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
async function knownMetrics(folder: RunFolder, stages: readonly Stage[]): Promise<MetricsLine[]> {
  const lines: MetricsLine[] = [];
  for (const stage of stages) {
    const record = (await folder.finished(stage)) ?? (await folder.checkpoints(stage).load());
    if (record !== undefined && "history" in record)
      for (const line of record.history) lines.push({ stage: stage.name, ...line });
  }
  return lines;
}

/**
 * Runs a recipe: pretraining, every adaptation method with every seed, evaluation, studies, report. Everything lands in
 * one folder. The same call on the same folder goes on where an interrupted run was: finished stages are read back, the
 * one under way resumes from its checkpoint, to the same numbers. A stage is found again by what decides its output, so
 * other words in a recipe cost nothing.
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
  const { catalogues = builtInCatalogues, smoke = false, threads, onEvent = () => {} } = options;
  const resolved = defineRecipe(recipe, { catalogues });
  if (threads !== undefined) checkThreads(threads);
  await requireReportTools();
  const engine = await nodeCpu();
  const backend = threads === undefined ? engine : withThreads(engine, threads);
  const { parts, plan, worthAThought } = await rehearsed(resolved, catalogues, {
    data: options.data,
    maxBytes: options.maxBytes,
    followLinks: options.followLinks,
    allowEndpoint: options.allowEndpoint,
    smoke,
  });
  for (const { name, card } of parts.data.datasets)
    for (const text of card.cautions) onEvent({ type: "caution", dataset: name, text });
  for (const text of smoke ? [] : worthAThought) onEvent({ type: "caution", dataset: parts.recipe.name, text });
  throwIfInterrupted(options.signal, "stopped before anything was computed", "run the same command again");
  const environment = await currentEnvironment(backend, threads);
  const folder = await RunFolder.open(options.out, { recipe: formatRecipe(parts.recipe), environment }, plan.stages);
  try {
    const metrics = await MetricsFile.begin(folder.file("metrics.jsonl"), await knownMetrics(folder, plan.stages));
    const context = {
      folder,
      shared: options.stages === undefined ? undefined : new SharedStages(options.stages),
      backend,
      metrics,
      energy: options.energy ?? {},
      workers: options.workers ?? 1,
      onEvent,
      signal: options.signal,
      threads: environment.threads,
    };
    const records = new Map<Stage, StageRecord>();
    for (const [i, stage] of plan.stages.entries()) {
      throwIfInterrupted(options.signal, `stopped before ${stage.name}`, "run the same command again to go on");
      records.set(stage, await runStage(context, stage, { number: i + 1, stages: plan.stages.length }));
    }
    const summary = await writeReport({ parts, plan, records, folder, environment });
    await folder.clear("checkpoints");
    return { folder: folder.path, summary };
  } finally {
    await folder.close();
  }
}
