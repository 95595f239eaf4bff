import type { Metric } from "../../evaluation/index.ts";
import type { MethodSummary, RunReport } from "./run-report.ts";

/** A metric of a report as evaluations know it. */
export function metricIn({ metrics }: Pick<RunReport, "metrics">, name: string): Metric {
  const { range, of, unit, ...rest } = metrics[name]!;
  return {
    ...rest,
    ...(of === undefined ? {} : { of }),
    ...(unit === undefined ? {} : { unit }),
    range: [range[0] ?? -Infinity, range[1] ?? Infinity],
  };
}

/** The method with the best mean; undefined where there is none with a value. */
export function bestMethod({
  methods,
  metric,
  metrics,
}: Pick<RunReport, "methods" | "metric" | "metrics">): MethodSummary | undefined {
  if (metric === null) return undefined;
  const sign = metrics[metric]!.better === "higher" ? 1 : -1;
  const value = (method: MethodSummary): number => sign * (method.metrics[metric]?.value ?? -Infinity);
  return methods.reduce<MethodSummary | undefined>(
    (best, method) => (best === undefined || value(method) > value(best) ? method : best),
    undefined,
  );
}
