import { z } from "zod";
import { estimateSchema, formatNumber, numberColumn, type ReportSection } from "../../report/index.ts";
import type { Metric } from "../evaluation.ts";
import { pairedEstimateSchema } from "../statistics/paired-comparison.ts";
import { estimateOfMetricText, labelOf } from "./metric-text.ts";

/** Schema of a method against another one, on the same seeds and cases. */
export const methodComparisonSchema = z.object({
  method: z.string(),
  reference: z.string(),
  /** Mean difference over the seeds with its Student-t 95% interval; null for a single seed. */
  overSeeds: estimateSchema.nullable(),
  /** The first seed's models on the same cases, paired. */
  overCases: pairedEstimateSchema,
});
export type MethodComparison = z.output<typeof methodComparisonSchema>;

/** Differences of methods to a reference in one metric, paired; nothing where there are none. */
export function pairedSections(comparisons: readonly MethodComparison[], metric: Metric): ReportSection[] {
  const [first] = comparisons;
  if (first === undefined) return [];
  const several = comparisons.some(({ overSeeds }) => overSeeds !== null);
  return [
    {
      kind: "table",
      title: `Difference in ${labelOf(metric)} to ${first.reference}, paired`,
      columns: [
        { label: "Method" },
        ...(several ? [numberColumn("Over the seeds (95% CI)")] : []),
        numberColumn("Over the cases (95% CI)"),
        numberColumn("p"),
      ],
      rows: comparisons.map(({ method, overSeeds, overCases: { difference, pValue } }) => [
        method,
        ...(several ? [overSeeds === null ? "–" : estimateOfMetricText(metric, overSeeds)] : []),
        estimateOfMetricText(metric, difference),
        pValue === null ? "–" : formatNumber(pValue),
      ]),
      note:
        `${metric.better === "higher" ? "Above" : "Below"} 0 is better. ` +
        (several ? "Over the seeds: mean of the differences of models with the same seed. " : "") +
        "Over the cases: the first seed's models on the same bootstrap resamples, with the two-sided bootstrap p-value of no difference.",
    },
  ];
}
