import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Backbone, vit, vitConfigSchema } from "vesalius/models";
import { type PretrainingObjective, maskedPixels as maskedImageModelling } from "vesalius/pretraining";
import { parseRecipe, type ResolvedMethod, type ResolvedRecipe } from "vesalius/recipes";
import { repositoryRoot } from "../paths.ts";

/** The parts of the pneumonia recipe that a benchmark measures. */
export interface MeasuredRecipe {
  readonly backbone: Backbone;
  readonly pretraining: NonNullable<ResolvedRecipe["pretraining"]>;
  readonly objective: PretrainingObjective;
  /** The entry `fullFineTuning` of the adaptation. */
  readonly fineTuning: Extract<ResolvedMethod, { name: "fullFineTuning" }>;
}

/** Reads `recipes/vision/pneumonia.yaml`, so that what is measured is what users run. */
export async function pneumoniaRecipe(): Promise<MeasuredRecipe> {
  const path = join("recipes", "vision", "pneumonia.yaml");
  const recipe = parseRecipe(await readFile(join(repositoryRoot(), path), "utf8"), path);
  const { kind: _kind, preset: _preset, weights: _weights, ...shape } = recipe.backbone;
  const fineTuning = recipe.adaptation?.methods.find((method) => method.name === "fullFineTuning");
  if (recipe.pretraining === undefined || fineTuning === undefined)
    throw new Error(`${path} has no pretraining or no method fullFineTuning to measure`);
  const { name: _name, ...settings } = recipe.pretraining.objective;
  return {
    backbone: vit(vitConfigSchema.parse(shape)),
    pretraining: recipe.pretraining,
    objective: maskedImageModelling(settings),
    fineTuning,
  };
}
