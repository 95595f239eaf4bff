import { z } from "zod";

/** Asks `measure-step` to time one training step. */
export const stepQuestionSchema = z.strictObject({
  workload: z.enum(["bert", "fineTuning", "pretraining"]),
  rounds: z.int().positive(),
  stepsPerRound: z.int().positive(),
  productsPerRound: z.int().positive(),
});

/** What is measured of a training step. */
export const stepAnswerSchema = z.strictObject({
  label: z.string(),
  batchSize: z.int(),
  parameters: z.int(),
  /** Floating-point operations of the matrix products of one step. */
  operations: z.number(),
  /** Milliseconds of each measured step and of each matrix product beside them. */
  steps: z.array(z.number()).min(1),
  products: z.array(z.number()).min(1),
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
