import { z } from "zod";
import { validate } from "../common/check.ts";
import { estimateSchema } from "../report/index.ts";

const count = z.int().min(0);
const estimates = z.record(z.string(), estimateSchema);
const counts = z.record(z.string(), count);

const subgroupSchema = z.object({
  name: z.string(),
  count,
  /** Cases of each class, events: as `composition` of all cases. */
  composition: counts.optional(),
  metrics: estimates,
  /** Why there are no metrics. */
  note: z.string().optional(),
});

const attributeSchema = z.object({
  attribute: z.string(),
  /** How the values were made into subgroups, for the reader. */
  division: z.string(),
  /** Cases without a value. */
  missing: count,
  /** Subgroups left out because the attribute has too many values. */
  omitted: z.object({ subgroups: count, cases: count }),
  subgroups: z.array(subgroupSchema),
  /** Per metric the two subgroups furthest apart. */
  largestGaps: z.record(z.string(), z.object({ highest: z.string(), lowest: z.string(), gap: estimateSchema })),
});

/** Schema of what predicting took. */
const predictionCostSchema = z.object({
  /** Wall-clock seconds for all examples, reading them included. */
  seconds: z.number().nonnegative(),
  examplesPerSecond: z.number().nonnegative(),
});

/** Schema of a saved evaluation, whatever its kind: `details` are checked by {@link evaluationReportSchemaOf}. */
export const evaluationReportSchema = z.object({
  /** Kind of evaluation: `classification`, `entities`. */
  kind: z.string(),
  version: z.literal(2),
  /** Cases that were evaluated. */
  count,
  /** Examples that were left out since their truth is not known. */
  withoutTruth: count,
  /** Of the cases, those without an answer (declined, or not readable); they count as failures. */
  withoutAnswer: count,
  /** Number of patients or other groups; null where none were given. */
  groupCount: count.nullable(),
  /** What the cases are made of: cases of each class, events, entities of each type. */
  composition: counts.optional(),
  resampling: z.object({
    method: z.literal("percentile bootstrap"),
    unit: z.enum(["case", "group"]),
    stratified: z.boolean(),
    resamples: count,
    seed: z.number(),
    confidence: z.number().min(0).max(1),
  }),
  metrics: estimates,
  /** What answering without looking at the input would score. */
  floors: z.record(z.string(), z.number()),
  /** Per class, structure, entity type or horizon. */
  breakdown: z.array(z.object({ name: z.string(), count: count.optional(), metrics: estimates })),
  attributes: z.array(attributeSchema),
  details: z.unknown(),
  cost: predictionCostSchema.optional(),
});

/** Subgroups of one attribute. */
export type AttributeReport = z.output<typeof attributeSchema>;

/** Everything that an evaluation found; plain JSON. */
export interface EvaluationReport<Details = unknown> extends z.output<typeof evaluationReportSchema> {
  details: Details;
}

/** Schema of saved reports of one evaluation, its details included. */
export const evaluationReportSchemaOf = <Details>(evaluation: {
  readonly kind: string;
  readonly details: z.ZodType<Details>;
}) => evaluationReportSchema.extend({ kind: z.literal(evaluation.kind), details: evaluation.details });

/**
 * Checks a saved report.
 *
 * @param json what `JSON.parse` gave
 * @param where the file it came from, for the message
 * @throws VesaliusError `bad-file` where it is no report of this evaluation and version, naming what is wrong
 */
export function parseEvaluationReport<Details>(
  json: unknown,
  evaluation: { readonly kind: string; readonly details: z.ZodType<Details> },
  where = "report.json",
): EvaluationReport<Details> {
  return validate(evaluationReportSchemaOf(evaluation), json, {
    code: "bad-file",
    what: `this is no report of an evaluation of ${evaluation.kind}`,
    where,
  });
}
