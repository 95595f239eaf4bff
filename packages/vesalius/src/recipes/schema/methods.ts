import { z } from "zod";
import {
  type AdaptationMethod,
  bottleneckAdapter,
  bottleneckSchema,
  fullFineTuning,
  ia3,
  ia3Schema,
  linearProbe,
  lora,
  loraSchema,
  partialFineTuning,
  prefixTuning,
  prefixTuningSchema,
  scratch,
  visualPrompts,
  visualPromptsSchema,
} from "../../adaptation/index.ts";
import { transformSchema } from "../../data/index.ts";

/** What of `Recomputation` a recipe can ask for. */
export const recomputationSchema = z.union([
  z.enum(["none", "blocks"]),
  z.strictObject({ everyNthBlock: z.int().positive() }),
]);

/** Settings of training that all methods share; each method may override them. */
export const trainingKeys = {
  epochs: z.int().positive().optional(),
  /** Optimizer steps in place of epochs. */
  steps: z.int().positive().optional(),
  batchSize: z.int().positive().optional(),
  /** Peak learning rate. */
  learningRate: z.number().positive().optional(),
  weightDecay: z.number().nonnegative().optional(),
  /** Share of the steps in which the learning rate rises. */
  warmupFraction: z.number().min(0).max(1).optional(),
  clipNorm: z.number().positive().optional(),
  /** Decay of the moving average of the weights that the model gets; no average where it is left out. */
  emaDecay: z.number().gt(0).lt(1).optional(),
  /**
   * Activations inside the backbone's blocks are computed again in the backward pass in place of being kept (`blocks`),
   * or those of `everyNthBlock` blocks at once: the same numbers in less memory and more time.
   */
  recomputation: recomputationSchema.optional(),
  /** Random changes of the training images, in order. */
  transforms: z.array(transformSchema).optional(),
};

const shared = {
  /** Name of this entry in reports and folders; the method's name by default. Needed where a method occurs twice. */
  label: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "use letters, digits, dot, dash and underscore: it names a folder")
    .optional(),
  ...trainingKeys,
};

/** One adaptation method of a recipe, by name. */
export const methodSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("scratch"), ...shared }),
  z.strictObject({ name: z.literal("linearProbe"), ...shared }),
  z.strictObject({ name: z.literal("lora"), ...loraSchema.shape, ...shared }),
  z.strictObject({ name: z.literal("bottleneckAdapter"), ...bottleneckSchema.shape, ...shared }),
  z.strictObject({ name: z.literal("ia3"), ...ia3Schema.shape, ...shared }),
  z.strictObject({ name: z.literal("prefixTuning"), ...prefixTuningSchema.shape, ...shared }),
  z.strictObject({ name: z.literal("visualPrompts"), ...visualPromptsSchema.shape, ...shared }),
  z.strictObject({
    name: z.literal("fullFineTuning"),
    /** Factor on the learning rate from one layer to the one below. */
    layerDecay: z.number().gt(0).max(1).default(0.75),
    ...shared,
  }),
  z.strictObject({
    name: z.literal("partialFineTuning"),
    /** Patterns of the parameters to train, for example `blocks.11.*` or `*.bias`. */
    parameters: z.array(z.string().min(1)).min(1),
    ...shared,
  }),
]);

/** Settings of a method, its own and those of its training. */
export type MethodSettings = z.output<typeof methodSchema>;

type Creators = {
  [Name in MethodSettings["name"]]: (settings: Extract<MethodSettings, { name: Name }>) => AdaptationMethod;
};

/** The settings that belong to a method's own schema, without those of its training. */
const own = <Schema extends z.ZodObject>(schema: Schema, settings: z.output<Schema>): z.output<Schema> =>
  Object.fromEntries(
    Object.entries(settings).filter(([key, value]) => Object.hasOwn(schema.shape, key) && value !== undefined),
  ) as z.output<Schema>;

const creators: Creators = {
  scratch: () => scratch(),
  linearProbe: () => linearProbe(),
  lora: (settings) => lora(own(loraSchema, settings)),
  bottleneckAdapter: (settings) => bottleneckAdapter(own(bottleneckSchema, settings)),
  ia3: (settings) => ia3(own(ia3Schema, settings)),
  prefixTuning: (settings) => prefixTuning(own(prefixTuningSchema, settings)),
  visualPrompts: (settings) => visualPrompts(own(visualPromptsSchema, settings)),
  fullFineTuning: ({ layerDecay }) => fullFineTuning({ layerDecay }),
  partialFineTuning: ({ parameters }) => partialFineTuning({ parameters }),
};

/** Makes the method that a recipe names. */
export function createMethod(settings: MethodSettings): AdaptationMethod {
  // The table gives each name the settings of its own method, which the type of a look-up cannot express.
  const create = creators[settings.name] as (settings: MethodSettings) => AdaptationMethod;
  return create(settings);
}
