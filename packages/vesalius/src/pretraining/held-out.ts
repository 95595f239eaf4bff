import { z } from "zod";
import { type Split } from "../data/index.ts";
import type { Tensors } from "../graph/index.ts";
import type { Backbone } from "../models/index.ts";
import { estimateSchema } from "../report/index.ts";
import type { Backend } from "../runtime/index.ts";

/** What was measured of a pretrained backbone on examples that it did not learn from. */
export const heldOutMeasureSchema = z.strictObject({
  name: z.string(),
  label: z.string(),
  /** Split that the examples are of. */
  split: z.string(),
  better: z.enum(["higher", "lower"]),
  /** With an interval over the groups of the examples: documents, patients. */
  estimate: estimateSchema,
  /** What a method without a network comes to on the same examples. */
  floor: z.strictObject({ name: z.string(), estimate: estimateSchema }).optional(),
  /** The measure less its floor, paired over the examples. */
  difference: estimateSchema.optional(),
  /** Examples that were measured. */
  cases: z.int().nonnegative(),
  /** Examples that could not be, by the reason. */
  leftOut: z.record(z.string(), z.int().positive()),
});

/** What was measured of a pretrained backbone on examples that it did not learn from. */
export type HeldOutMeasure = z.output<typeof heldOutMeasureSchema>;

/** Examples that a backbone learned from, and others. */
export interface HeldOutExamples {
  readonly trained: Split;
  readonly heldOut: Split;
}

/** Options of an objective's `measure`. */
export interface MeasureOptions {
  /** Seed of what is drawn: resamples, examples where all are too many. */
  readonly seed?: number;
  readonly backend?: Backend;
}

/** A backbone with its weights. */
export type WeightedBackbone = Backbone & { readonly weights: Tensors };
