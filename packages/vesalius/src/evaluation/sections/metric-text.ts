import { formatNumber, type Estimate } from "../../report/index.ts";
import { estimateText } from "../../report/format.ts";
import type { Metric } from "../evaluation.ts";

/** Name of a metric over all cases, with the class that it is about where several leave it open. */
export const labelOf = ({ label, of }: Metric): string => (of === undefined ? label : `${label}, ${of}`);

/** The same with its unit, as head of a column of numbers. */
export const labelWithUnit = (metric: Metric): string =>
  metric.unit === undefined ? labelOf(metric) : `${labelOf(metric)} (${metric.unit})`;

/** Decimals that a metric is shown with: three for what lies within -1 and 1, otherwise as many as give four digits. */
export function decimalsOf({ range }: Pick<Metric, "range">, value: number | null): number {
  if (range[1] <= 2 && range[0] >= -2) return 3;
  const size = Math.abs(value ?? 0);
  return size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0;
}

/** A number of a metric with its unit: `2.310 mm`. */
export function metricText(metric: Pick<Metric, "range" | "unit">, value: number): string {
  const text = formatNumber(value, decimalsOf(metric, value));
  return metric.unit === undefined ? text : `${text}\u00a0${metric.unit}`;
}

/** A value with interval, reason and caution: `2.310 (2.011–2.702) mm; only 12 cases`. */
export function estimateOfMetricText(metric: Pick<Metric, "range" | "unit">, estimate: Estimate): string {
  return estimateText(estimate, decimalsOf(metric, estimate.value), metric.unit);
}
