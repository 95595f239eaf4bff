import { z } from "zod";

/** Seeds of repetitions. */
export const seedsSchema = z
  .array(z.int().nonnegative())
  .min(1)
  .max(1000)
  .refine((given) => new Set(given).size === given.length, "every seed may occur once");
