import { estimateOfMetricText, labelOf, metricText } from "../../evaluation/sections/metric-text.ts";
import { type Estimate, estimateText } from "../../report/index.ts";
import { formatNumber } from "../../report/format.ts";
import type { Energy } from "../../trust/index.ts";
import type { Floor } from "./floors.ts";
import { heldOutResults, type HeldOutResult } from "./held-out.ts";
import { bestMethod, metricIn } from "./metrics.ts";
import type { MethodSummary, ReportedMetric, RunReport, StudyReport } from "./run-report.ts";

/** A metric with the name that it has in code. */
export type NamedMetric = ReportedMetric & { readonly name: string };

/** The headline of a run, as `summary.json` holds it. */
export interface RunSummary {
  readonly kind: "summary";
  readonly name: string;
  readonly title: string;
  readonly notice: string;
  readonly smoke: boolean;
  readonly synthetic: boolean;
  /** Metric that methods are compared by; null without adaptation. */
  readonly metric: NamedMetric | null;
  readonly split: string;
  /** What one example is, in the plural. */
  readonly unit: string;
  /** What a simple method reaches in the metric. */
  readonly floor: Floor | null;
  /** Label of the method with the best mean. */
  readonly best: string | null;
  /** The folder of each method's first model; null for a method that trains nothing and leaves none. */
  readonly methods: readonly ({ readonly method: string; readonly model: string | null } & Estimate &
    Pick<MethodSummary, "seeds" | "scores" | "trainedParameters" | "parameters" | "seconds">)[];
  /** Models without a network, fitted on the same training examples. */
  readonly baselines: readonly ({ readonly baseline: string; readonly title: string } & Estimate)[];
  /** What was measured of pretraining on examples that it did not learn from. */
  readonly heldOut: readonly HeldOutResult[];
  readonly studies: readonly StudyReport[];
  /** By stage, and of all stages. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly totalSeconds: number;
  /** Share of the training time that was spent waiting for batches. */
  readonly waitingShare: number;
  readonly energy: Energy;
}

/** Takes the headline out of a report. */
export function summarise(report: RunReport): RunSummary {
  const {
    name,
    title,
    notice,
    smoke,
    synthetic,
    metric,
    split,
    unit,
    floors,
    methods,
    baselines,
    studies,
    stages,
    cost,
  } = report;
  return {
    kind: "summary",
    name,
    title,
    notice,
    smoke,
    synthetic,
    metric: metric === null ? null : { name: metric, ...report.metrics[metric]! },
    split,
    unit,
    floor: floors.find((floor) => floor.metric === metric) ?? null,
    best: bestMethod(report)?.method ?? null,
    methods: methods.map(({ method, models, metrics, seeds, scores, trainedParameters, parameters, seconds }) => ({
      method,
      model: models[0] ?? null,
      ...metrics[metric!]!,
      seeds,
      scores,
      trainedParameters,
      parameters,
      seconds,
    })),
    baselines: baselines.map(({ baseline, title, metrics }) => ({ baseline, title, ...metrics[metric!]! })),
    heldOut: heldOutResults(stages),
    studies,
    seconds: Object.fromEntries(stages.map(({ stage, cost: { seconds } }) => [stage, seconds])),
    totalSeconds: cost.seconds,
    waitingShare: cost.waitingShare,
    energy: cost.energy,
  };
}

/** Lines that compare the methods with each other and with the floor. */
function methodLines({ metric, methods, baselines, floor, split }: RunSummary): string[] {
  if (metric === null || methods.length === 0) return [];
  const described = metricIn({ metrics: { [metric.name]: metric } }, metric.name);
  const width = Math.max(
    ...methods.map(({ method }) => method.length),
    ...baselines.map(({ title }) => title.length),
    floor?.name.length ?? 0,
    8,
  );
  const several = methods.some(({ seeds }) => seeds.length > 1);
  const overCases = "interval over the cases";
  const lines = methods.map((one) => {
    const share = formatNumber((100 * one.trainedParameters) / one.parameters, 1);
    const trained = one.parameters === 0 ? "nothing trained" : `${share}% of the parameters trained`;
    const seeds = one.seeds.length === 1 ? "1 seed" : `${one.seeds.length} seeds`;
    const value = estimateOfMetricText(described, one);
    const seen = several && one.seeds.length === 1 ? `${seeds}, ${overCases}` : seeds;
    return `  ${one.method.padEnd(width)}  ${value}  ${seen}, ${trained}, ${formatNumber(one.seconds, 0)} s`;
  });
  const baselineLines = baselines.map(
    (one) =>
      `  ${one.title.padEnd(width)}  ${estimateOfMetricText(described, one)}  baseline${several ? `, ${overCases}` : ""}`,
  );
  const floorLine =
    floor === null ? [] : [`  ${floor.name.padEnd(width)}  ${metricText(described, floor.value)}  floor`];
  const interval = several ? "95% interval over the seeds, not over other patients" : "95% interval";
  return [`${labelOf(described)} on the ${split} split (${interval})`, ...lines, ...baselineLines, ...floorLine];
}

/** Lines on what was measured of pretraining. */
const heldOutLines = ({ heldOut }: RunSummary): string[] =>
  heldOut.flatMap(({ label, better, split, estimate, floor, difference, seeds, objective, cases }) => [
    `${label} (${better} is better) of ${cases} examples of ${split}`,
    `  ${objective}  ${estimateText(estimate)}  ${seeds.length === 1 ? "1 seed" : `${seeds.length} seeds`}`,
    ...(floor === undefined ? [] : [`  ${floor.name}  ${estimateText(floor.estimate)}  to be beaten`]),
    ...(difference === undefined ? [] : [`  difference  ${estimateText(difference)}`]),
  ]);

/** The headline as lines for a terminal. */
export function formatSummary(summary: RunSummary): string {
  const { energy, smoke, synthetic } = summary;
  return [
    ...(smoke ? ["Smoke test: the parts fit together; the numbers mean nothing."] : []),
    ...(synthetic ? ["Synthetic data: the numbers say that the method runs, not that it works on people."] : []),
    ...methodLines(summary),
    ...heldOutLines(summary),
    `${formatNumber(summary.totalSeconds, 0)} s, ${formatNumber(100 * summary.waitingShare, 1)}% of training spent waiting for data, ` +
      `${formatNumber(energy.wattHours, 2)} Wh ${energy.source}`,
  ].join("\n");
}
