import { z } from "zod";
import { evaluationReportSchema, pairedEstimateSchema } from "../../evaluation/index.ts";
import { estimateSchema } from "../../report/index.ts";
import { environmentSchema } from "../folder/environment.ts";
import { costSchema, stageRecordSchema } from "../stages/records.ts";
import { floorSchema } from "./floors.ts";

const estimates = z.record(z.string(), estimateSchema);
const scores = z.array(z.number().nullable());

/** What a reader needs to know about a metric. */
const metricSchema = z.object({
  label: z.string(),
  of: z.string().optional(),
  better: z.enum(["higher", "lower"]),
  /** Least and greatest value; null where there is no end. */
  range: z.tuple([z.number().nullable(), z.number().nullable()]),
  unit: z.string().optional(),
  meaning: z.string(),
});

/** A method over its seeds. */
const methodSummarySchema = z.object({
  /** Label in the recipe. */
  method: z.string(),
  seeds: z.array(z.int()),
  /** Folders of the models inside the run's, one for each seed; none of a method that trains nothing. */
  models: z.array(z.string()),
  /**
   * Mean of each metric over the seeds with its Student-t 95% interval; with a single seed the estimate and its bootstrap
   * interval.
   */
  metrics: estimates,
  /** Estimate that methods are compared by, one for each seed. */
  scores,
  trainedParameters: z.int(),
  parameters: z.int(),
  /** Mean over the seeds, adaptation alone. */
  seconds: z.number(),
  wattHours: z.number(),
});
export type MethodSummary = z.output<typeof methodSummarySchema>;

/** A model without a network, fitted on the same training examples. */
const baselineSummarySchema = z.object({
  /** Label in the recipe. */
  baseline: z.string(),
  title: z.string(),
  /** Each metric with its bootstrap interval over the cases. */
  metrics: estimates,
});

/** A method against another one or a baseline, on the same seeds and cases, by metric. */
const comparisonSchema = z.object({
  method: z.string(),
  /** Label of the other method, or title of the baseline. */
  reference: z.string(),
  /** Mean difference over the seeds with its Student-t 95% interval; null for a single seed. A baseline has no seeds. */
  overSeeds: estimates.nullable(),
  /** Of the first seed's models, paired over the cases. */
  overCases: z.record(z.string(), pairedEstimateSchema),
});
export type Comparison = z.output<typeof comparisonSchema>;

const studySchema = z.object({
  name: z.string(),
  settings: z.record(z.string(), z.unknown()),
  results: z.array(
    z.object({
      method: z.string(),
      at: z.record(z.string(), z.union([z.string(), z.number()])),
      examples: z.int(),
      seeds: z.array(z.int()),
      scores,
      estimate: estimateSchema,
      overCases: pairedEstimateSchema.optional(),
    }),
  ),
});
export type StudyReport = z.output<typeof studySchema>;

/** Schema of a run's `report.json`. */
export const runReportSchema = z.object({
  kind: z.literal("run"),
  version: z.literal(2),
  name: z.string(),
  title: z.string(),
  notice: z.string(),
  /** Whether it was a trial on a handful of examples. */
  smoke: z.boolean(),
  /** Whether all data were made by a program. */
  synthetic: z.boolean(),
  /** What the card of the task's dataset names; null where it names none. */
  subfield: z.string().nullable(),
  application: z.string().nullable(),
  /** What one example is, in the plural. */
  unit: z.string(),
  /** Split that models are evaluated on. */
  split: z.string(),
  /** Metric that methods are compared by; null without adaptation. */
  metric: z.string().nullable(),
  metrics: z.record(z.string(), metricSchema),
  /** Metrics that are shown first. */
  headline: z.array(z.string()),
  floors: z.array(floorSchema),
  methods: z.array(methodSummarySchema),
  baselines: z.array(baselineSummarySchema),
  comparisons: z.array(comparisonSchema),
  studies: z.array(studySchema),
  /** Full evaluation of each method's first seed, by the method's label. */
  evaluations: z.record(z.string(), evaluationReportSchema),
  /** What `describeDataset` says of each dataset. */
  datasets: z.array(z.looseObject({ name: z.string() })),
  stages: z.array(stageRecordSchema),
  cost: costSchema.extend({
    /** Share of the training time that was spent waiting for batches. */
    waitingShare: z.number(),
  }),
  environment: environmentSchema,
});

/** Everything that a run found; plain JSON. */
export type RunReport = z.output<typeof runReportSchema>;
/** A metric as a report holds it. */
export type ReportedMetric = z.output<typeof metricSchema>;
