import { z } from "zod";
import { metricNames } from "../evaluation/index.ts";
import { transformSchema } from "../data/index.ts";
import { backboneSchema } from "./schema/backbone.ts";
import { dataSchema } from "./schema/data-sources.ts";
import { methodSchema, recomputationSchema, trainingKeys } from "./schema/methods.ts";
import { objectiveSchema } from "./schema/objectives.ts";

const seeds = z
  .array(z.int().nonnegative())
  .min(1)
  .refine((given) => new Set(given).size === given.length, "every seed may occur once");

/** Pretraining without labels. */
const pretrainingSchema = z.strictObject({
  objective: objectiveSchema.prefault({ name: "maskedImageModelling" }),
  /**
   * Pretrain once for each seed of the adaptation, so that intervals over seeds cover the pretraining too. By default all
   * adaptations share one backbone, from the recipe's own seed.
   */
  eachSeed: z.boolean().default(false),
  epochs: z.int().positive().default(100),
  batchSize: z.int().positive().default(64),
  /** Peak learning rate. */
  learningRate: z.number().positive().default(1e-3),
  weightDecay: z.number().nonnegative().default(0.05),
  /** Share of the steps in which the learning rate rises. */
  warmupFraction: z.number().min(0).max(1).default(0.1),
  /** Largest global norm of the gradient. */
  clipNorm: z.number().positive().default(1),
  /**
   * Activations inside the backbone's blocks are computed again in the backward pass in place of being kept (`blocks`),
   * or those of `everyNthBlock` blocks at once: the same numbers in less memory and more time.
   */
  recomputation: recomputationSchema.default("none"),
  transforms: z
    .array(transformSchema)
    .prefault([{ name: "randomResizedCrop", scale: [0.5, 1] }, { name: "randomFlip" }]),
});

/** Adaptation with labels: every method with every seed. */
const adaptationSchema = z.strictObject({
  /** The recipe's own seed by default. */
  seeds: seeds.optional(),
  ...trainingKeys,
  /** Share of the target spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  methods: z.array(methodSchema).min(1),
});

/**
 * How far few labels go: methods adapted on growing samples of the training split, with a fixed number of steps; with all
 * of it, the adaptation's own models.
 */
const labelEfficiencySchema = z.strictObject({
  counts: z.array(z.union([z.int().positive(), z.literal("all")])).min(1),
  /** Labels of the adaptation's methods; all of them by default. */
  methods: z.array(z.string()).min(1).optional(),
  /** The adaptation's seeds by default. */
  seeds: seeds.optional(),
  /**
   * Optimizer steps of every model with a sample of the labels, so that more labels do not mean more training. Too few of
   * them measure how fast a method learns, not what it needs labels for.
   */
  steps: z.int().positive().default(300),
});

/** How the models are judged. */
const evaluationSchema = z.strictObject({
  split: z.enum(["validation", "test"]).default("validation"),
  /** Name of the class that a clinician would call positive; of two classes the second by default. */
  positiveClass: z.string().optional(),
  /** The figure that methods are compared by. */
  metric: z.enum(metricNames).default("rocAuc"),
  /** Bootstrap resamples of the intervals. */
  resamples: z.int().positive().default(1000),
  /** Whether the order of the classes means something (grades of a disease). */
  orderedClasses: z.boolean().default(false),
  /** Subgroups with fewer cases get no figures. */
  minimumSubgroupSize: z.int().positive().default(20),
  /** What a simple method reaches; taken from the dataset's card where it states one for the split. */
  floor: z.strictObject({ metric: z.enum(metricNames), value: z.number(), name: z.string().min(1) }).optional(),
  /** Images of the split that are shown masked and reconstructed; 0 for none. */
  reconstructions: z.int().min(0).max(32).default(6),
});

/** A recipe: everything that decides what a run computes. */
export const recipeSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "use small letters, digits and dashes"),
  title: z.string().min(1).optional(),
  description: z.string().optional(),
  seed: z.int().nonnegative().default(0),
  data: dataSchema,
  backbone: backboneSchema.prefault({}),
  pretraining: pretrainingSchema.optional(),
  adaptation: adaptationSchema.optional(),
  labelEfficiency: labelEfficiencySchema.optional(),
  evaluation: evaluationSchema.prefault({}),
});

/** A recipe as a person writes it: whatever has a default may be left out. */
export type RecipeInput = z.input<typeof recipeSchema>;
/** A recipe that was checked, with the defaults that do not depend on other keys. */
export type ParsedRecipe = z.output<typeof recipeSchema>;
export type PretrainingSettings = z.output<typeof pretrainingSchema>;
export type EvaluationSettings = z.output<typeof evaluationSchema>;

/** JSON Schema of recipes, for completion and checks in editors. */
export function recipeJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(recipeSchema, { io: "input" });
  return { $schema, title: "Vesalius recipe", ...rest };
}
