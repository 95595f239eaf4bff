import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Backbone, createBackbone } from "vesalius/models";
import { type Objective, objectives } from "vesalius/pretraining";
import { parseRecipe, type ResolvedMethod, type ResolvedRecipe } from "vesalius/recipes";
import type { TrainingSettings } from "vesalius/training";
import { repositoryRoot } from "../paths.ts";

/** The parts of the pneumonia recipe that a benchmark measures. */
export interface MeasuredRecipe {
  /** With encoders as they would be fitted, without weights. */
  readonly backbone: Backbone;
  readonly pretraining: NonNullable<ResolvedRecipe["pretraining"]>;
  readonly objective: Objective;
  /** The entry `fullFineTuning` of the adaptation. */
  readonly fineTuning: ResolvedMethod & TrainingSettings & { readonly layerDecay: number };
}

/** Reads `recipes/vision/pneumonia.yaml`, so that what is measured is what users run. */
export async function pneumoniaRecipe(): Promise<MeasuredRecipe> {
  const path = join("recipes", "vision", "pneumonia.yaml");
  const recipe = parseRecipe(await readFile(join(repositoryRoot(), path), "utf8"), { where: path });
  const fineTuning = recipe.adaptation?.methods.find((method) => method.name === "fullFineTuning");
  if (recipe.pretraining === undefined || fineTuning === undefined)
    throw new Error(`${path} has no pretraining or no method fullFineTuning to measure`);
  const backbone = createBackbone(recipe.backbone as { readonly name: string });
  return {
    backbone: {
      ...backbone,
      preparation: { image: { ...backbone.network.reads["image"]!, mean: [0.5], std: [0.25] } },
    },
    pretraining: recipe.pretraining,
    objective: objectives.create(recipe.pretraining.objective),
    fineTuning: fineTuning as MeasuredRecipe["fineTuning"],
  };
}
