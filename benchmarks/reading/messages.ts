import { z } from "zod";

/** Asks `measure-texts` to train on texts of many lengths. */
export const textsQuestionSchema = z.strictObject({
  /** Texts that are drawn, and texts of a batch. */
  count: z.int().positive(),
  batchSize: z.int().positive(),
  /** Rounds of a run in shapes of the texts' lengths, one in the longest shape, and matrix products around them. */
  rounds: z.int().positive(),
  /** Steps of a run that are timed. */
  steps: z.int().positive(),
  secondsPerBlock: z.number().nonnegative(),
});

/** One way of making batches of texts of many lengths. */
const wayAnswer = z.strictObject({
  /** Tokens of texts in a second, padding not counted, one for each round. */
  tokensPerSecond: z.array(z.number()),
  /** Rate of the matrix products in that of the products around the run, one for each round. */
  shares: z.array(z.number()),
  /** Part of the places of all batches that is padding. */
  padding: z.number(),
});

/** What is measured of training on texts of many lengths. */
export const textsAnswerSchema = z.strictObject({ shapes: wayAnswer, longest: wayAnswer });

/** Names of the kinds that are measured. */
export const kindNames = [
  "images",
  "volumes with masks",
  "texts",
  "texts with spans",
  "sequences",
  "molecules",
  "expressions",
  "numbers and categories with events",
  "references to a table of texts",
] as const;

/** Asks `measure-kind` for what reading one kind of column costs. */
export const kindQuestionSchema = z.strictObject({ kind: z.enum(kindNames), steps: z.int().positive() });

/** What reading one kind of column costs. */
export const kindAnswerSchema = z.strictObject({
  /** Examples in a second that are read into batches, by one thread and nothing else. */
  read: z.number(),
  /** Examples in a second that training uses. */
  trained: z.number(),
  /** Share of the training's time that is spent waiting for batches. */
  waiting: z.number(),
});
