import { percentileInterval, type BootstrapSample } from "./statistics/bootstrap.ts";
import type { Estimate } from "../report/estimate.ts";
import type { Estimates } from "./classification/report.ts";
import { metricNames, type MetricName } from "./metric-names.ts";

/** Bootstrap samples by metric name. */
export type Samples = Partial<Record<MetricName, BootstrapSample>>;

/** Where more resamples than this share leave a figure undefined, the others do not describe its uncertainty. */
const largestUndefinedShare = 0.05;

/** A figure that is not defined, with the reason. */
export const undefinedFigure = (reason: string): Estimate => ({ value: null, lower: null, upper: null, reason });

/** A figure with its percentile interval; says why where there is no figure or no interval. */
export function figureOf({ estimate, values }: BootstrapSample, confidence: number, undefinedReason: string): Estimate {
  if (!Number.isFinite(estimate)) return undefinedFigure(undefinedReason);
  const undefinedShare = values.filter((value) => Number.isNaN(value)).length / values.length;
  if (undefinedShare > largestUndefinedShare) {
    const reason = `no interval: ${Math.round(100 * undefinedShare)}% of the resamples lack a class`;
    return { value: estimate, lower: null, upper: null, reason };
  }
  return { value: estimate, ...percentileInterval(values, { confidence }) };
}

/** Estimates with intervals of all metrics, in the order of a report. */
export function figuresOf(samples: Samples, confidence: number, undefinedReason: string): Estimates {
  const figures: Estimates = {};
  for (const name of metricNames) {
    const sample = samples[name];
    if (sample !== undefined) figures[name] = figureOf(sample, confidence, undefinedReason);
  }
  return figures;
}
