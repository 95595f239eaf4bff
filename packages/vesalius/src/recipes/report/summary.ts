import { metricDescriptions, type MetricName } from "../../evaluation/index.ts";
import { formatEstimate, formatNumber } from "../../report/format.ts";
import type { Energy } from "../../trust/index.ts";
import type { Floor, LabelEfficiencyPoint, MethodSummary, RunReport } from "./run-report.ts";
import { bestMethod } from "./sections/overview.ts";

/** The headline figures of a run, as `summary.json` holds them. */
export interface RunSummary {
  readonly kind: "summary";
  readonly name: string;
  readonly title: string;
  readonly notice: string;
  readonly synthetic: boolean;
  readonly metric: MetricName;
  readonly split: string;
  readonly floor: Floor | null;
  /** Label of the method with the best mean. */
  readonly best: string | null;
  readonly methods: readonly ({
    readonly method: string;
    readonly model: string;
  } & MethodSummary["figures"][MetricName] &
    Pick<MethodSummary, "seeds" | "scores" | "trainedParameters" | "parameters" | "seconds">)[];
  readonly labelEfficiency: readonly LabelEfficiencyPoint[];
  /** By stage, and of all stages. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly totalSeconds: number;
  /** Share of the training time that was spent waiting for batches. */
  readonly waitingShare: number;
  readonly energy: Energy;
}

/** Takes the headline figures out of a report. */
export function summarise(report: RunReport): RunSummary {
  const { name, title, notice, synthetic, metric, split, floor, methods, labelEfficiency, stages, cost } = report;
  return {
    kind: "summary",
    name,
    title,
    notice,
    synthetic,
    metric,
    split,
    floor,
    best: bestMethod(report)?.method ?? null,
    methods: methods.map(({ method, models, figures, seeds, scores, trainedParameters, parameters, seconds }) => ({
      method,
      model: models[0]!,
      ...figures[metric]!,
      seeds,
      scores,
      trainedParameters,
      parameters,
      seconds,
    })),
    labelEfficiency,
    seconds: Object.fromEntries(stages.map(({ stage, cost: { seconds } }) => [stage, seconds])),
    totalSeconds: cost.seconds,
    waitingShare: cost.waitingShare,
    energy: cost.energy,
  };
}

/** The headline figures as lines for a terminal. */
export function formatSummary(summary: RunSummary): string {
  const { label } = metricDescriptions[summary.metric];
  const width = Math.max(...summary.methods.map(({ method }) => method.length), summary.floor?.name.length ?? 0, 8);
  const lines = summary.methods.map((one) => {
    const share = formatNumber((100 * one.trainedParameters) / one.parameters, 1);
    const seeds = one.seeds.length === 1 ? "1 seed" : `${one.seeds.length} seeds`;
    return `  ${one.method.padEnd(width)}  ${formatEstimate(one)}  ${seeds}, ${share}% of the parameters trained, ${formatNumber(one.seconds, 0)} s`;
  });
  const floor =
    summary.floor === null
      ? []
      : [`  ${summary.floor.name.padEnd(width)}  ${formatNumber(summary.floor.value)}  floor`];
  const { energy } = summary;
  return [
    ...(summary.synthetic
      ? ["Synthetic data: the figures say that the method runs, not that it works on people."]
      : []),
    ...(lines.length === 0 ? [] : [`${label} on the ${summary.split} split (95% interval)`, ...lines, ...floor]),
    `${formatNumber(summary.totalSeconds, 0)} s, ${formatNumber(100 * summary.waitingShare, 1)}% of training spent waiting for data, ` +
      `${formatNumber(energy.wattHours, 2)} Wh ${energy.source}`,
  ].join("\n");
}
