import { z } from "zod";
import { timesSchema, turnsSchema } from "../measuring/turns-schema.ts";

/** Asks `measure-step` to time one training step. */
export const stepQuestionSchema = z.strictObject({
  workload: z.enum(["bert", "fineTuning", "pretraining"]),
  ...turnsSchema.shape,
});

/** What is measured of a training step. */
export const stepAnswerSchema = z.strictObject({
  label: z.string(),
  batchSize: z.int(),
  parameters: z.int(),
  /** Floating-point operations of the matrix products of one step. */
  operations: z.number(),
  ...timesSchema.shape,
  /** Largest resident memory of the process, in bytes. */
  peakMemory: z.number(),
});

/** Asks `measure-loop` for a whole run. */
export const loopQuestionSchema = z.strictObject({
  run: z.enum(["fineTuning", "pretraining"]),
  steps: z.int().positive(),
});

/** Where the time of a whole run went. */
export const loopAnswerSchema = z.strictObject({
  /** Shares of the run's time, each in [0, 1]. */
  outsideEngine: z.number(),
  waiting: z.number(),
  /** Examples in a second, everything included. */
  examplesPerSecond: z.number(),
  peakMemory: z.number(),
});
