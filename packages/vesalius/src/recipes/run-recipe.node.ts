import type { ClassificationReport } from "../evaluation/index.ts";
import { nodeCpu, withThreads } from "../runtime/index.node.ts";
import type { EnergyAssumptionsInput } from "../trust/index.ts";
import { defineRecipe } from "./parse.ts";
import type { ResolvedRecipe } from "./resolve.ts";
import {
  adaptationStage,
  adaptationStageName,
  type Backbones,
  evaluatePredictions,
  labelEfficiencyStage,
  labelEfficiencyStageName,
} from "./run/adaptation-stage.node.ts";
import { checkRecipeData } from "./run/check-data.ts";
import { openRecipeData } from "./run/data.node.ts";
import { currentEnvironment } from "./run/environment.node.ts";
import type { RunEvent } from "./run/events.ts";
import { MetricsFile, type MetricsLine } from "./run/metrics-file.node.ts";
import { pretrainingStage, pretrainingStageName, startingBackbone } from "./run/pretraining-stage.node.ts";
import { RunFolder } from "./run/run-folder.node.ts";
import type { RunContext } from "./run/stage.node.ts";
import type { AdaptationStageRecord, LabelEfficiencyRecord, StageRecord } from "./run/stage-record.ts";
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

/** What a run leaves, also in `summary.json`. */
export interface RunOutcome {
  readonly folder: string;
}

/** Names of the stages of a recipe in the order in which they run. */
export function stageNames({ pretraining, adaptation, labelEfficiency }: ResolvedRecipe): string[] {
  return [
    ...(pretraining === undefined ? [] : [pretrainingStageName]),
    ...(adaptation?.methods.flatMap(({ label }) => adaptation.seeds.map((seed) => adaptationStageName(label, seed))) ??
      []),
    ...(labelEfficiency?.methods.flatMap((label) =>
      labelEfficiency.counts.flatMap((count) =>
        labelEfficiency.seeds.map((seed) => labelEfficiencyStageName(label, count, seed)),
      ),
    ) ?? []),
  ];
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

/** An adapted model as it was judged. */
export interface JudgedModel {
  readonly record: AdaptationStageRecord;
  readonly report: ClassificationReport;
}

async function runStages(context: RunContext, start: Backbones["start"]) {
  const { recipe } = context;
  const { adaptation, labelEfficiency } = recipe;
  const pretraining = recipe.pretraining === undefined ? undefined : await pretrainingStage(context, start);
  const backbones: Backbones = {
    start,
    pretrained: pretraining?.backbone ?? (start.weights === undefined ? undefined : start),
  };
  const models: JudgedModel[] = [];
  for (const method of adaptation?.methods ?? [])
    for (const seed of adaptation!.seeds) {
      const { record, probabilities } = await adaptationStage(context, backbones, method, seed);
      models.push({ record, report: evaluatePredictions(context, probabilities, recipe.evaluation.resamples) });
    }
  const efficiency: LabelEfficiencyRecord[] = [];
  for (const label of labelEfficiency?.methods ?? []) {
    const method = adaptation!.methods.find((one) => one.label === label)!;
    for (const count of labelEfficiency!.counts)
      for (const seed of labelEfficiency!.seeds)
        efficiency.push(await labelEfficiencyStage(context, backbones, method, count, seed));
  }
  return { pretraining, models, efficiency };
}

/**
 * Runs a recipe: pretraining, every adaptation method with every seed, evaluation, label efficiency, report. Everything
 * lands in one folder. The same call on the same folder goes on where an interrupted run was: finished stages are read
 * back, the one under way resumes from its checkpoint, to the same numbers.
 *
 * @param recipe as an object, or as `parseRecipe` or `defineRecipe` gave it
 * @throws VesaliusError `bad-configuration`, `missing-file`, `bad-data`, `data-leakage` before anything is computed;
 * `run-in-progress`, `checkpoint-mismatch`, `output-not-writable` for the folder; `not-a-number` and `disk-full` with the
 * stage and the last checkpoint kept; `interrupted` after an abort
 *
 * @example
 * await runRecipe(parseRecipe(await readFile("pneumonia.yaml", "utf8")), { data: "./data", out: "runs/pneumonia" });
 */
export async function runRecipe(recipe: RecipeInput, options: RunRecipeOptions): Promise<RunOutcome> {
  const resolved = defineRecipe(recipe);
  const backend = options.threads === undefined ? await nodeCpu() : withThreads(await nodeCpu(), options.threads);
  const start = await startingBackbone(resolved.backbone);
  const data = await openRecipeData(resolved, start, options.data);
  checkRecipeData(resolved, data.task);
  const folder = await RunFolder.open(options.out, resolved);
  try {
    await folder.writeJson("environment.json", await currentEnvironment(backend, options.threads));
    const stages = stageNames(resolved);
    const metrics = await MetricsFile.begin(folder.file("metrics.jsonl"), await knownMetrics(folder, stages));
    const context: RunContext = {
      recipe: resolved,
      folder,
      data,
      backend,
      metrics,
      energy: options.energy ?? {},
      workers: options.workers ?? 1,
      onEvent: options.onEvent ?? (() => {}),
      signal: options.signal,
      stages,
    };
    const { pretraining, models, efficiency } = await runStages(context, start);
    const records: StageRecord[] = [
      ...(pretraining === undefined ? [] : [pretraining.record]),
      ...models.map(({ record }) => record),
      ...efficiency,
    ];
    await folder.writeJson("summary.json", {
      name: resolved.name,
      figures: models.map(({ record, report }) => ({
        method: record.method,
        seed: record.seed,
        ...report.figures[resolved.evaluation.metric],
      })),
      labelEfficiency: efficiency.map(({ method, images, seed, score }) => ({ method, images, seed, score })),
      seconds: Object.fromEntries(records.map(({ stage, cost }) => [stage, cost.seconds])),
    });
    return { folder: folder.path };
  } finally {
    await folder.close();
  }
}
