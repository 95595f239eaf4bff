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
import { pretrainingStage, pretrainingStageName } from "./pretraining-stage.node.ts";
import type { RunContext } from "./stage.node.ts";
import type { LabelEfficiencyRecord } from "./stage-record.ts";

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

/** Runs every stage of a recipe that is not finished yet, and reads the others back. */
export async function runStages(
  context: RunContext,
  start: Backbone,
): Promise<RunFindings & { readonly pretrained: ReadyBackbone | undefined }> {
  const { adaptation, labelEfficiency, pretraining } = context.recipe;
  const outcome = pretraining === undefined ? undefined : await pretrainingStage(context, start);
  const pretrained = outcome?.backbone ?? (start.weights === undefined ? undefined : start);
  const backbones: Backbones = { start, pretrained };
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
  return { pretraining: outcome?.record, models, labelEfficiency: records, pretrained: outcome?.backbone };
}
