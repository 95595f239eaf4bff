import { z } from "zod";

/** Asks `measure-memory` for the training step of an encoder. */
export const memoryQuestionSchema = z.strictObject({
  /** Blocks that are recomputed at a time; 0 keeps all activations. */
  blocks: z.int().nonnegative(),
  depth: z.int().positive(),
  batchSize: z.int().positive(),
  steps: z.int().positive(),
});

/** What is measured of it. */
export const memoryAnswerSchema = z.strictObject({
  /** Milliseconds of each step after the first. */
  steps: z.array(z.number()).min(1),
  /** Resident memory before weights and session were made, in bytes. */
  before: z.number(),
  /** Largest resident memory of the process, in bytes. */
  peakMemory: z.number(),
});
