import { z } from "zod";

const numbers = z.array(z.number());

/** Schema of what a report of a regression holds beyond the metrics. */
export const regressionDetailsSchema = z.object({
  targets: z.array(
    z.object({
      name: z.string(),
      unit: z.string().optional(),
      count: z.int().min(0),
      /** Mean and standard deviation of the true values. */
      mean: z.number().nullable(),
      standardDeviation: z.number().nullable(),
      /** Mean of predicted minus true values. */
      bias: z.number().nullable(),
      /** Bias -/+ 1.96 standard deviations of the differences (Bland and Altman 1986). */
      limitsOfAgreement: z.tuple([z.number(), z.number()]).nullable(),
      /** Of at most 500 cases, evenly chosen; empty where cases may not be named. */
      points: z.object({ truth: numbers, predicted: numbers }),
    }),
  ),
  /** Cases whose prediction is furthest off, worst first; empty where cases may not be named. */
  largestErrors: z.array(z.object({ id: z.string(), target: z.string(), truth: z.number(), predicted: z.number() })),
});
export type RegressionDetails = z.output<typeof regressionDetailsSchema>;

/** A target with the cases that it is known of. */
export interface TargetCases {
  readonly name: string;
  readonly unit: string | undefined;
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  /** Positions among all cases. */
  readonly rows: readonly number[];
}

const mostPoints = 500;
const numberOfErrors = 20;

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sample standard deviation; NaN for fewer than two values. */
function deviationOf(values: Float64Array): number {
  if (values.length < 2) return NaN;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function describeTarget(
  { name, unit, truth, predicted }: TargetCases,
  named: boolean,
): RegressionDetails["targets"][0] {
  const differences = predicted.map((value, i) => value - truth[i]!);
  const [bias, spread] = [meanOf(differences), deviationOf(differences)];
  const step = Math.max(1, truth.length / mostPoints);
  const shown = named ? Array.from({ length: Math.min(mostPoints, truth.length) }, (_, i) => Math.floor(i * step)) : [];
  return {
    name,
    ...(unit === undefined ? {} : { unit }),
    count: truth.length,
    mean: finite(meanOf(truth)),
    standardDeviation: finite(deviationOf(truth)),
    bias: finite(bias),
    limitsOfAgreement: Number.isFinite(spread) ? [bias - 1.96 * spread, bias + 1.96 * spread] : null,
    points: { truth: shown.map((i) => truth[i]!), predicted: shown.map((i) => predicted[i]!) },
  };
}

/** Agreement of predicted with true values, and the cases that are furthest off (in standard deviations of their target). */
export function describeRegression(
  targets: readonly TargetCases[],
  ids: readonly string[] | undefined,
): RegressionDetails {
  const errors = targets.flatMap(({ name, truth, predicted, rows }) => {
    const scale = deviationOf(truth) || 1;
    return rows.map((row, i) => ({
      row,
      target: name,
      truth: truth[i]!,
      predicted: predicted[i]!,
      size: Math.abs(predicted[i]! - truth[i]!) / scale,
    }));
  });
  return {
    targets: targets.map((target) => describeTarget(target, ids !== undefined)),
    largestErrors:
      ids === undefined
        ? []
        : errors
            .sort((a, b) => b.size - a.size)
            .slice(0, numberOfErrors)
            .map(({ row, target, truth, predicted }) => ({ id: ids[row]!, target, truth, predicted })),
  };
}
