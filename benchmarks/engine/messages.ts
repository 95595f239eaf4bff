import { z } from "zod";
import { timesSchema, turnsSchema } from "../measuring/turns-schema.ts";

/** Names of the measured training steps in the order in which they are shown. */
export const engineWorkloadNames = [
  "bert",
  "bertLora",
  "vit",
  "vitLora",
  "unet2d",
  "unet2dLora",
  "unet3d",
  "unet3dLora",
  "encoder",
  "convolutions",
] as const;

/** Name of a measured training step. */
export type EngineWorkload = (typeof engineWorkloadNames)[number];

const sizeSchema = z.enum(["full", "quick"]);

/** Asks `measure-step` to time one training step of Vesalius. */
export const engineQuestionSchema = z.strictObject({
  workload: z.enum(engineWorkloadNames),
  size: sizeSchema,
  ...turnsSchema.shape,
});

/** What is measured of a training step. */
export const engineAnswerSchema = z.strictObject({
  label: z.string(),
  /** Floating-point operations that the layers of the step need by their definition. */
  operations: z.number(),
  ...timesSchema.shape,
  /** Share of the time inside operators, by operator. */
  operators: z.record(z.string(), z.number()),
  /** Largest resident memory of the process, in bytes. */
  peakMemory: z.number(),
});

/** Asks `measure-jax` or `measure-tensorflow` to time a training step of another library. */
export const peerQuestionSchema = z.strictObject({
  workload: z.enum(["encoder", "convolutions"]),
  size: sizeSchema,
  steps: z.int().positive(),
});

/** What is measured of another library. */
export const peerAnswerSchema = z.strictObject({
  version: z.string(),
  steps: z.array(z.number()).min(1),
  /** Loss before the first and after the last step. */
  losses: z.tuple([z.number(), z.number()]),
});

/** What `measure-start` finds, in milliseconds. */
export const startAnswerSchema = z.strictObject({
  /** Import of the library. */
  library: z.number(),
  /** Import of the engine. */
  engine: z.number(),
  /** Building, differentiating and loading the encoder's training step. */
  session: z.number(),
});

/** What `measure-bundle` finds, in bytes. */
export const bundleAnswerSchema = z.strictObject({ minified: z.number(), gzip: z.number() });
