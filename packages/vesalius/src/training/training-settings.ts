import { z } from "zod";
import { validate } from "../common/check.ts";
import { optimizers } from "./optimizers/index.ts";
import type { RunOptions } from "./run-options.ts";
import { scheduleSchema } from "./schedules.ts";
import type { TrainOptions } from "./train-options.ts";

/**
 * Settings of every kind of training, as recipes and programs write them: the one declaration. Whatever is left out has
 * a default, which may depend on the method.
 */
export const trainingShape = {
  /** Passes over the training examples. */
  epochs: z.number().positive().max(100_000).optional(),
  /** Optimizer steps in place of epochs. */
  steps: z.int().positive().max(1e9).optional(),
  /** Examples of a micro-batch at the largest shape. */
  batchSize: z
    .int()
    .positive()
    .max(2 ** 20)
    .optional(),
  /** Micro-batches whose gradients are averaged before an update. */
  accumulation: z
    .int()
    .positive()
    .max(2 ** 20)
    .optional(),
  /** Peak learning rate. */
  learningRate: z.number().positive().optional(),
  /** Weight decay of matrices and kernels. */
  weightDecay: z.number().nonnegative().optional(),
  /** Largest global norm of the gradient. */
  clipNorm: z.number().positive().optional(),
  /** Decay of the moving average of the weights that the model gets; no average where it is left out. */
  emaDecay: z.number().gt(0).lt(1).optional(),
  optimizer: optimizers.schema.optional(),
  schedule: scheduleSchema.optional(),
  /**
   * Activations inside the network's blocks are computed again in the backward pass in place of being kept (`blocks`),
   * or those of `everyNthBlock` blocks at once: the same numbers in less memory and more time.
   */
  recomputation: z
    .union([z.enum(["none", "blocks"]), z.strictObject({ everyNthBlock: z.int().positive() })])
    .optional(),
};

/** Schema of training settings. */
export const trainingSettingsSchema = z.strictObject(trainingShape);

/** Settings of training, any of them left out. */
export type TrainingInput = z.input<typeof trainingSettingsSchema>;

const complete = trainingSettingsSchema.required().partial({ steps: true, emaDecay: true });

/** Settings of training with nothing left to a default. */
export type TrainingSettings = Readonly<z.output<typeof complete>>;

/** What holds where neither caller nor method says otherwise. */
const general = {
  epochs: 10,
  batchSize: 64,
  accumulation: 1,
  learningRate: 1e-3,
  weightDecay: 0.05,
  clipNorm: 1,
  optimizer: { name: "adamW", betas: [0.9, 0.999] },
  schedule: { name: "cosine", warmupFraction: 0.1 },
  recomputation: "none",
} as const;

const defined = (settings: object): object =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

/**
 * Fills in defaults: those of the caller's method before the general ones.
 *
 * @param layers from the most general to the most particular
 * @throws VesaliusError `bad-configuration` for a setting out of range
 */
export function resolveTraining(...layers: readonly TrainingInput[]): TrainingSettings {
  const given = Object.assign({}, general, ...layers.map(defined)) as TrainingInput;
  return validate(complete, given, { code: "bad-configuration", what: "settings of training" });
}

/** Only the keys of training settings, of an object that holds others too. */
export const pickTraining = (from: object): TrainingInput =>
  Object.fromEntries(Object.entries(defined(from)).filter(([key]) => key in trainingShape));

/** What `train` is told, from settings and from what belongs to one run. */
export function trainOptions(
  settings: TrainingSettings,
  run: Omit<RunOptions, "recomputation"> & Pick<TrainOptions, "backend" | "seed">,
  stepsPerEpoch: number,
): Omit<TrainOptions, "policy" | "evaluation"> {
  const { optimizer, weightDecay, steps, epochs, accumulation, emaDecay, ...rest } = settings;
  return {
    ...run,
    ...rest,
    ...(emaDecay === undefined ? {} : { emaDecay }),
    accumulation,
    optimizer: { ...optimizers.create(optimizer), weightDecay },
    totalSteps: steps ?? Math.max(1, Math.round((epochs * stepsPerEpoch) / accumulation)),
  };
}
