import { z } from "zod";

/** Asks `measure-adaptation` to adapt a quantised model. */
export const adaptationQuestionSchema = z.strictObject({
  /** A published shape, or the smallest that exercises everything. */
  shape: z.enum(["tinyLlama", "llama7b", "smallest"]),
  format: z.enum(["int4", "nf4"]),
  /** Tokens of the one text in a batch. */
  length: z.int().positive(),
  steps: z.int().min(2),
});

/** What is measured of the adaptation. */
export const adaptationAnswerSchema = z.strictObject({
  parameters: z.int(),
  trainedParameters: z.int(),
  /** Bytes of the base as it is stored, all parameters counted. */
  storedBytes: z.number(),
  /** Loss of each step on the one batch. */
  losses: z.array(z.number()),
  /** Seconds of each step but the first, which warms up. */
  stepSeconds: z.array(z.number()).min(1),
  /** Operations of the matrix products of a step, by the graph before its weights were quantised. */
  operations: z.number(),
  /** Milliseconds of plain matrix products beside it. */
  products: z.array(z.number()).min(1),
  /** Largest resident memory of the process, in bytes. */
  peakMemory: z.number(),
});

/** Asks `measure-generation` to go on with a text in 4 bits. */
export const generationQuestionSchema = z.strictObject({
  /** LLaMA 3.2 1B's shape, or the smallest that exercises everything. */
  shape: z.enum(["llama1b", "smallest"]),
  promptTokens: z.int().positive(),
  newTokens: z.int().positive(),
  rounds: z.int().positive(),
});

/** What is measured of generation in 4 bits. */
export const generationAnswerSchema = z.strictObject({
  /** Seconds to read the file and store the weights. */
  loading: z.number(),
  /** Seconds for each new token, by round. */
  own: z.array(z.number()).min(1),
  /** The same of node-llama-cpp with the same file; empty where it is not installed. */
  llamaCpp: z.array(z.number()),
  /** Largest resident memory of the process before llama.cpp was loaded, in bytes. */
  peakMemory: z.number(),
});
