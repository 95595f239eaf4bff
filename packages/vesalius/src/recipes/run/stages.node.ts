import type { Backbone, ReadyBackbone } from "../../models/index.ts";
import type { RunFindings } from "../report/build-report.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import {
  adaptationStage,
  adaptationStageName,
  type Backbones,
  labelEfficiencyStage,
  labelEfficiencyStageName,
} from "./adaptation-stage.node.ts";
import type { JudgedModel } from "./judged-model.ts";
import { plannedPretrainings, pretrainingStage } from "./pretraining-stage.node.ts";
import type { RunContext } from "./stage.node.ts";
import type { LabelEfficiencyRecord, PretrainingRecord } from "./stage-record.ts";

/** Names of the stages of a recipe in the order in which they run. */
export function stageNames(recipe: ResolvedRecipe): string[] {
  const { adaptation, labelEfficiency } = recipe;
  return [
    ...plannedPretrainings(recipe).map(({ stage }) => stage),
    ...(adaptation?.methods.flatMap(({ label }) => adaptation.seeds.map((seed) => adaptationStageName(label, seed))) ??
      []),
    ...(labelEfficiency?.methods.flatMap((label) =>
      labelEfficiency.counts.flatMap((count) =>
        labelEfficiency.seeds.map((seed) => labelEfficiencyStageName(label, count, seed)),
      ),
    ) ?? []),
  ];
}

/** Runs every stage of a recipe that is not finished yet, and reads the others back. */
export async function runStages(
  context: RunContext,
  start: Backbone,
): Promise<RunFindings & { readonly pretrained: ReadyBackbone | undefined }> {
  const { adaptation, labelEfficiency } = context.recipe;
  const pretraining: PretrainingRecord[] = [];
  const trained = new Map<number, ReadyBackbone>();
  for (const planned of plannedPretrainings(context.recipe)) {
    const { backbone, record } = await pretrainingStage(context, start, planned);
    pretraining.push(record);
    trained.set(planned.seed, backbone);
  }
  const [shared] = trained.values();
  const given = start.weights === undefined ? undefined : start;
  const backbones: Backbones = { start, pretrained: (seed) => trained.get(seed) ?? shared ?? given };
  const models: JudgedModel[] = [];
  for (const method of adaptation?.methods ?? [])
    for (const seed of adaptation!.seeds) models.push(await adaptationStage(context, backbones, method, seed));
  const records: LabelEfficiencyRecord[] = [];
  for (const label of labelEfficiency?.methods ?? []) {
    const method = adaptation!.methods.find((one) => one.label === label)!;
    for (const count of labelEfficiency!.counts)
      for (const seed of labelEfficiency!.seeds)
        records.push(await labelEfficiencyStage(context, backbones, method, count, seed));
  }
  return { pretraining, models, labelEfficiency: records, pretrained: shared };
}
