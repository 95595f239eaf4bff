import { z } from "zod";
import type { Catalogues } from "./catalogues.ts";
import { backboneSchema } from "./schema/backbone.ts";
import { dataSchema } from "./schema/data.ts";
import { evaluationSchema } from "./schema/evaluation.ts";
import { oneOf } from "./schema/named.ts";
import { adaptationSchema, pretrainingSchema } from "./schema/training.ts";

/**
 * Schema of a recipe: everything that decides what a run computes. It knows no kind of data and no task; whatever has a
 * name stands in one of the catalogues.
 */
export function recipeSchema(catalogues: Catalogues) {
  // One schema in both places, so that the JSON Schema holds it once.
  const backbone = backboneSchema(catalogues);
  return z.strictObject({
    /** Name of the run's folder and report. */
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "use small letters, digits and dashes"),
    /** Heading of the report; the name by default. */
    title: z.string().min(1).optional(),
    /** The question that the run answers, for the report. */
    description: z.string().optional(),
    /** Seed of everything random. */
    seed: z.int().nonnegative().default(0),
    data: dataSchema(catalogues),
    backbone,
    /** Left out, nothing is pretrained. */
    pretraining: pretrainingSchema(catalogues).optional(),
    /** What the backbone is adapted to. */
    task: oneOf(catalogues.tasks.entries, {
      /** How the model is run on examples, in place of the task's own way. */
      inference: oneOf(catalogues.inferences.entries, {}).optional(),
    }).optional(),
    /** Left out, nothing is adapted. */
    adaptation: adaptationSchema(catalogues, backbone).optional(),
    /** Questions beside the comparison of methods. */
    studies: z.array(oneOf(catalogues.studies.entries, {})).optional(),
    evaluation: evaluationSchema(catalogues).prefault({}),
  });
}

/** A recipe that was checked, with the defaults that do not depend on other keys. */
export type ParsedRecipe = z.output<ReturnType<typeof recipeSchema>>;

type Immutable<Value> = Value extends object ? { readonly [Key in keyof Value]: Immutable<Value[Key]> } : Value;

/** A recipe as a person writes it: whatever has a default may be left out. */
export type RecipeInput = Immutable<z.input<ReturnType<typeof recipeSchema>>>;

/** JSON Schema of recipes, for completion and checks in editors. */
export function recipeJsonSchema(catalogues: Catalogues): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(recipeSchema(catalogues), { io: "input", reused: "ref" });
  return { $schema, title: "Vesalius recipe", ...rest };
}
