import { z } from "zod";

const terms = z.record(z.string(), z.number()).optional();

/** Schema of one line of a run's metrics. */
export const trainingRecordSchema = z.object({
  /** Steps that are done, from 1. */
  step: z.number(),
  /** Mean loss since the last record. */
  loss: z.number(),
  /** Means of what is recorded beside the loss, by name: parts of the loss, accuracies. */
  terms,
  learningRate: z.number(),
  /** Global norm of the last gradient before clipping. */
  gradientNorm: z.number(),
  /** Score of an evaluation at this step. */
  score: z.number().optional(),
});

/** One line of a run's metrics. */
export type TrainingRecord = Readonly<z.output<typeof trainingRecordSchema>>;

/** Schema of where the time of a run went. */
export const trainingTimeSchema = z.object({
  total: z.number(),
  /** Inside the engine. */
  engine: z.number(),
  /** Waiting for batches. */
  waiting: z.number(),
  /** Evaluations and checkpoints. */
  evaluation: z.number(),
});

/** Where the time of a run went, in seconds; sessions that were interrupted are counted up to their last checkpoint. */
export type TrainingTime = Readonly<z.output<typeof trainingTimeSchema>>;

/** Schema of sums since the last record. */
export const pendingLossesSchema = z.object({ lossSum: z.number(), count: z.number(), terms });

/** Sums since the last record, so that a resumed run averages over the same steps. */
export type PendingLosses = Readonly<z.output<typeof pendingLossesSchema>>;
