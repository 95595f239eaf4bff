import { z } from "zod";
import { trainingShape } from "../../training/index.ts";
import type { Catalogues } from "../catalogues.ts";
import { type backboneSchema, rolesShape } from "./backbone.ts";
import { labelSchema } from "./label.ts";
import { oneOf } from "./named.ts";
import { seedsSchema } from "./seeds.ts";

/** How training reads its examples. */
export function feedShape(catalogues: Catalogues) {
  const transforms = z.array(oneOf(catalogues.transforms.entries, {}));
  return {
    /** Random changes of single inputs in training, in order; each is done to those of its kind. */
    transforms: transforms.optional(),
    /** Random changes that are drawn once for an example and done to all its parts: image and mask, modalities. */
    together: transforms.optional(),
    /** Which examples make up a step; all of them in a new order every epoch by default. */
    sampler: oneOf(catalogues.samplers.entries, {}).optional(),
  };
}

/** Pretraining, mostly without labels. */
export const pretrainingSchema = (catalogues: Catalogues) =>
  z.strictObject({
    /** What the backbone learns. */
    objective: oneOf(catalogues.objectives.entries, {}),
    /**
     * Pretrain once for each seed of the adaptation, so that intervals over seeds cover the pretraining too. By default
     * all adaptations share one backbone, from the recipe's own seed.
     */
    eachSeed: z.boolean().default(false),
    /** Seeds of a run that adapts nothing, one pretraining each; the recipe's own by default. */
    seeds: seedsSchema.optional(),
    /**
     * Split of the sources on which what was learned is measured, beside what has to be beaten: bits per byte of texts
     * beside n-grams. Nothing is measured where it is left out.
     */
    heldOut: z.string().min(1).optional(),
    /** Columns that roles read in pretraining, where they are others than those of the task. */
    inputs: rolesShape.inputs,
    /** Settings of roles' encoders in pretraining that differ from the backbone's: one text in place of a pair, lengths. */
    encoders: rolesShape.encoders,
    ...feedShape(catalogues),
    ...trainingShape,
  });

/** Adaptation to the task: every method with every seed. */
export const adaptationSchema = (catalogues: Catalogues, backbone: ReturnType<typeof backboneSchema>) =>
  z.strictObject({
    /** The recipe's own seed by default. */
    seeds: seedsSchema.optional(),
    ...feedShape(catalogues),
    ...trainingShape,
    /** The methods to compare; each may override what all share. */
    methods: z
      .array(
        oneOf(catalogues.methods.entries, {
          /** Name of this entry in reports and folders; the method's name by default. Needed where a method occurs twice. */
          label: labelSchema.optional(),
          /**
           * A network of its own in place of the recipe's, without the recipe's pretraining: a linear model or another
           * architecture to compare with.
           */
          backbone: backbone.optional(),
          ...feedShape(catalogues),
          ...trainingShape,
        }),
      )
      .min(1)
      .max(1000),
  });
