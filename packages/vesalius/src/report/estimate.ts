import { z } from "zod";

/**
 * A value with its 95% interval; null where the cases do not define it, and then `reason` says why. `caution` says that
 * the interval rests on few cases.
 */
export const estimateSchema = z.object({
  value: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  reason: z.string().optional(),
  caution: z.string().optional(),
});

/** A value of a metric with its 95% interval. */
export type Estimate = z.infer<typeof estimateSchema>;
