import { z } from "zod";
import type { Round, Turns } from "./timing.ts";

/** How long a step and the matrix product are timed, as it is asked of a program. */
export const turnsSchema = z.strictObject({
  rounds: z.int().positive(),
  secondsPerBlock: z.number().nonnegative(),
}) satisfies z.ZodType<Turns>;

/** Times of a step and of the matrix product in turns, in milliseconds. */
export const timesSchema = z.strictObject({
  /** Each step and each product. */
  steps: z.array(z.number()).min(1),
  products: z.array(z.number()).min(1),
  rounds: z.array(z.strictObject({ step: z.number(), product: z.number() }) satisfies z.ZodType<Round>).min(1),
});
