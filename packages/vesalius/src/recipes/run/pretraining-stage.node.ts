import { readFile } from "node:fs/promises";
import { fileError } from "../../common/files.node.ts";
import type { Tensors } from "../../graph/index.ts";
import { type Backbone, backboneFiles, decodeBackbone, vit } from "../../models/index.ts";
import { pretrainOnImages as pretrain } from "../../pretraining/index.ts";
import { readSafetensors, writeSafetensors } from "../../common/safetensors.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import type { BackboneSettings } from "../schema/backbone.ts";
import { createObjective } from "../schema/objectives.ts";
import { type RunContext, runStage } from "./stage.node.ts";
import type { PretrainingRecord } from "./stage-record.ts";

/** One pretraining of a recipe: its stage, which is also its folder in the run's, and its seed. */
export interface PlannedPretraining {
  readonly stage: string;
  readonly seed: number;
}

/** The pretrainings of a recipe: none, one that all adaptations share, or one for each seed. */
export function plannedPretrainings(recipe: ResolvedRecipe): PlannedPretraining[] {
  const { pretraining, adaptation, labelEfficiency, seed: own } = recipe;
  if (pretraining === undefined) return [];
  if (!pretraining.eachSeed) return [{ stage: "pretraining", seed: own }];
  const seeds = new Set([...(adaptation?.seeds ?? []), ...(labelEfficiency?.seeds ?? [])]);
  return [...seeds].map((seed) => ({ stage: `pretraining/seed${seed}`, seed }));
}

const read = (path: string): Promise<Uint8Array> =>
  readFile(path).catch((error: unknown) => {
    throw fileError(error, path);
  });

/**
 * Loads a pretrained backbone from the folder that a run left (`.../pretraining`).
 *
 * @throws VesaliusError `missing-file`, `bad-file`, `checkpoint-mismatch`
 */
export async function loadBackbone(folder: string): Promise<ReturnType<typeof decodeBackbone>> {
  const config = await read(`${folder}/config.json`);
  return decodeBackbone(new TextDecoder().decode(config), await read(`${folder}/backbone.safetensors`), folder);
}

/** The backbone that a recipe starts from: only a shape, or one with weights from a folder. */
export async function startingBackbone({ weights, ...settings }: BackboneSettings): Promise<Backbone> {
  if (weights !== undefined) return loadBackbone(weights);
  const { kind: _kind, preset: _preset, ...config } = settings;
  return vit(config);
}

/** A backbone as it comes out of pretraining. */
export interface PretrainingOutcome {
  readonly backbone: Awaited<ReturnType<typeof loadBackbone>>;
  readonly record: PretrainingRecord;
}

/** Pretrains the recipe's backbone with one seed and saves it in a folder named after the stage. */
export async function pretrainingStage(
  context: RunContext,
  start: Backbone,
  { stage, seed }: PlannedPretraining,
): Promise<PretrainingOutcome> {
  const { recipe, data, folder, workers } = context;
  const { objective, eachSeed: _eachSeed, ...settings } = recipe.pretraining!;
  const record = await runStage<PretrainingRecord>(context, stage, "pretraining", async (options) => {
    const images = data.pretraining!;
    const result = await pretrain(start, createObjective(objective), images, {
      ...settings,
      ...options,
      seed,
      workers,
    });
    const { pretraining, weights, preprocessing } = result;
    const own = new Map([...pretraining.objectiveWeights].filter(([name]) => !weights.has(name)));
    await folder.write(`${stage}/objective.safetensors`, writeSafetensors(own, { format: "pt" }));
    for (const [name, content] of backboneFiles({ ...result, weights, preprocessing: preprocessing! }))
      await folder.write(`${stage}/${name}`, content);
    return {
      kind: "pretraining",
      objective: pretraining.objective,
      settings: { ...pretraining.settings },
      seed,
      images: pretraining.images,
      steps: pretraining.result.steps,
      history: [...pretraining.result.history],
      time: pretraining.result.time,
    };
  });
  // Always read back, so that what adaptation gets is what the folder holds, interrupted or not.
  return { backbone: await loadBackbone(folder.file(stage)), record };
}

/** All weights of a pretraining's graph: the backbone's and the objective's own. */
export async function objectiveWeights({ folder }: RunContext, { stage }: PlannedPretraining): Promise<Tensors> {
  const tensors = async (name: string) => readSafetensors(await read(folder.file(stage, name)), name).tensors;
  return new Map([...(await tensors("backbone.safetensors")), ...(await tensors("objective.safetensors"))]);
}
