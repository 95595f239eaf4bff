import { z } from "zod";
import type { Catalogues } from "../catalogues.ts";
import { labelSchema } from "./label.ts";
import { oneOf } from "./named.ts";

/** What a simple method reaches. */
export const floorInputSchema = z.strictObject({
  /** Metric of the task's evaluation. */
  metric: z.string().min(1),
  value: z.number(),
  /** What reaches it, for the report. */
  name: z.string().min(1),
  /** Where that is known from. */
  source: z.string().min(1).optional(),
});

/** How the models are evaluated. */
export const evaluationSchema = (catalogues: Catalogues) =>
  z.strictObject({
    /** The split that models are evaluated on. */
    split: z.string().min(1).default("validation"),
    /** The metric that methods are compared by; the task's first by default. */
    metric: z.string().min(1).optional(),
    /** Bootstrap resamples of the intervals. */
    resamples: z.int().positive().max(1_000_000).default(1000),
    /** Subgroups with fewer cases get no metrics. */
    minimumSubgroupSize: z.int().positive().default(20),
    /** What simple methods reach; those that the dataset's card states for the split are added. */
    floors: z.array(floorInputSchema).max(1000).default([]),
    /** Models without a network, fitted on the same training examples and measured on the same cases. */
    baselines: z.array(oneOf(catalogues.baselines.entries, { label: labelSchema.optional() })).default([]),
  });
