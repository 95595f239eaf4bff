import { z } from "zod";
import { classificationReportSchema, estimateSchema, metricNames } from "../../evaluation/index.ts";
import { environmentSchema } from "../run/environment.ts";
import {
  adaptationRecordSchema,
  costSchema,
  labelEfficiencyRecordSchema,
  pretrainingRecordSchema,
} from "../run/stage-record.ts";

const metric = z.enum(metricNames);

/** What a simple method reaches, and where that is known from. */
export const floorSchema = z.object({ metric, value: z.number(), name: z.string(), source: z.string().optional() });
export type Floor = z.output<typeof floorSchema>;

/** A method over its seeds. */
const methodSummarySchema = z.object({
  /** Label in the recipe. */
  method: z.string(),
  seeds: z.array(z.int()),
  /** Folders of the models inside the run's, one for each seed. */
  models: z.array(z.string()),
  /**
   * Mean of each figure over the seeds with its Student-t 95% interval; with a single seed the figure and its bootstrap
   * interval.
   */
  figures: z.partialRecord(metric, estimateSchema),
  /** Estimate that methods are compared by, one for each seed. */
  scores: z.array(z.number().nullable()),
  trainedParameters: z.int(),
  parameters: z.int(),
  /** Mean over the seeds. */
  seconds: z.number(),
  wattHours: z.number(),
});
export type MethodSummary = z.output<typeof methodSummarySchema>;

/** A method against another one, on the same seeds and cases. */
const pairedComparisonSchema = z.object({
  method: z.string(),
  reference: z.string(),
  /** Mean difference over the seeds with its Student-t 95% interval; null for a single seed. */
  overSeeds: estimateSchema.nullable(),
  /** Difference of the first seed's models with its paired bootstrap 95% interval over the cases. */
  overCases: estimateSchema,
  pValue: z.number().nullable(),
});
export type PairedComparison = z.output<typeof pairedComparisonSchema>;

/** A method with so many labels. */
const labelEfficiencyPointSchema = z.object({
  method: z.string(),
  images: z.int(),
  scores: z.array(z.number().nullable()),
  /** Mean over the seeds with its Student-t 95% interval. */
  figure: estimateSchema,
});
export type LabelEfficiencyPoint = z.output<typeof labelEfficiencyPointSchema>;

/** Schema of a run's `report.json`. */
export const runReportSchema = z.object({
  kind: z.literal("run"),
  version: z.literal(1),
  name: z.string(),
  title: z.string(),
  notice: z.string(),
  /** Whether all images were made by a program. */
  synthetic: z.boolean(),
  /** The figure that methods are compared by. */
  metric,
  split: z.enum(["validation", "test"]),
  floor: floorSchema.nullable(),
  methods: z.array(methodSummarySchema),
  comparisons: z.array(pairedComparisonSchema),
  labelEfficiency: z.array(labelEfficiencyPointSchema),
  /** Full evaluation of each method's first seed, by the method's label. */
  evaluations: z.record(z.string(), classificationReportSchema),
  /** What `describeDatasetOfImages` says of each dataset. */
  datasets: z.array(z.looseObject({ name: z.string() })),
  stages: z.array(
    z.discriminatedUnion("kind", [pretrainingRecordSchema, adaptationRecordSchema, labelEfficiencyRecordSchema]),
  ),
  cost: costSchema.extend({
    /** Share of the training time that was spent waiting for batches. */ waitingShare: z.number(),
  }),
  environment: environmentSchema,
});

/** Everything that a run found; plain JSON. */
export type RunReport = z.output<typeof runReportSchema>;
