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

/** Models to train for label efficiency; with all labels, those of the adaptation stand wherever it has the seed. */
function plannedLabelEfficiency({ adaptation, labelEfficiency }: ResolvedRecipe) {
  if (labelEfficiency === undefined) return [];
  const { methods, counts, seeds } = labelEfficiency;
  const trained = (count: number | "all") => (count === "all" ? adaptation!.seeds : []);
  return methods.flatMap((label) =>
    counts.flatMap((count) =>
      seeds.filter((seed) => !trained(count).includes(seed)).map((seed) => ({ label, count, seed })),
    ),
  );
}

/** Names of the stages of a recipe in the order in which they run. */
export function stageNames(recipe: ResolvedRecipe): string[] {
  const { adaptation } = recipe;
  return [
    ...plannedPretrainings(recipe).map(({ stage }) => stage),
    ...(adaptation?.methods.flatMap(({ label }) => adaptation.seeds.map((seed) => adaptationStageName(label, seed))) ??
      []),
    ...plannedLabelEfficiency(recipe).map(({ label, count, seed }) => labelEfficiencyStageName(label, count, seed)),
  ];
}

/** Runs every stage of a recipe that is not finished yet, and reads the others back. */
export async function runStages(
  context: RunContext,
  start: Backbone,
): Promise<RunFindings & { readonly pretrained: ReadyBackbone | undefined }> {
  const { adaptation } = context.recipe;
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
  for (const { label, count, seed } of plannedLabelEfficiency(context.recipe)) {
    const method = adaptation!.methods.find((one) => one.label === label)!;
    records.push(await labelEfficiencyStage(context, backbones, method, count, seed));
  }
  return { pretraining, models, labelEfficiency: records, pretrained: shared };
}
