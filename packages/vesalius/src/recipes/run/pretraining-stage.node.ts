import { readFile } from "node:fs/promises";
import { fileError } from "../../common/files.node.ts";
import type { Tensors } from "../../graph/index.ts";
import { type Backbone, backboneFiles, decodeBackbone, vit } from "../../models/index.ts";
import { pretrain } from "../../pretraining/index.ts";
import { readSafetensors, writeSafetensors } from "../../training/index.ts";
import type { BackboneSettings } from "../schema/backbone.ts";
import { createObjective } from "../schema/objectives.ts";
import { type RunContext, runStage } from "./stage.node.ts";
import type { PretrainingRecord } from "./stage-record.ts";

export const pretrainingStageName = "pretraining";

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

/** Pretrains the recipe's backbone and saves it under `pretraining/`. */
export async function pretrainingStage(context: RunContext, start: Backbone): Promise<PretrainingOutcome> {
  const { recipe, data, folder, workers } = context;
  const { objective, ...settings } = recipe.pretraining!;
  const record = await runStage<PretrainingRecord>(context, pretrainingStageName, "pretraining", async (options) => {
    const images = data.pretraining!;
    const result = await pretrain(start, createObjective(objective), images, {
      ...settings,
      ...options,
      seed: recipe.seed,
      workers,
    });
    const { pretraining, weights, preprocessing } = result;
    const own = new Map([...pretraining.objectiveWeights].filter(([name]) => !weights.has(name)));
    await folder.write("pretraining/objective.safetensors", writeSafetensors(own, { format: "pt" }));
    for (const [name, content] of backboneFiles({ ...result, weights, preprocessing: preprocessing! }))
      await folder.write(`pretraining/${name}`, content);
    return {
      kind: "pretraining",
      objective: pretraining.objective,
      settings: { ...pretraining.settings },
      seed: recipe.seed,
      images: pretraining.images,
      steps: pretraining.result.steps,
      history: [...pretraining.result.history],
      time: pretraining.result.time,
    };
  });
  // Always read back, so that what adaptation gets is what the folder holds, interrupted or not.
  return { backbone: await loadBackbone(folder.file("pretraining")), record };
}

/** All weights of the pretraining graph: the backbone's and the objective's own. */
export async function objectiveWeights({ folder }: RunContext): Promise<Tensors> {
  const tensors = async (name: string) => readSafetensors(await read(folder.file("pretraining", name)), name).tensors;
  return new Map([...(await tensors("backbone.safetensors")), ...(await tensors("objective.safetensors"))]);
}
