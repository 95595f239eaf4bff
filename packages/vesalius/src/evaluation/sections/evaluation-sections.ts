import {
  formatCount,
  formatPercent,
  numberColumn,
  type HeadlineSection,
  type ReportSection,
  type TableSection,
} from "../../report/index.ts";
import type { Evaluation, EvaluationOf, Metric } from "../evaluation.ts";
import type { EvaluationReport } from "../evaluation-report.ts";
import { decimalsOf, estimateOfMetricText, labelOf, labelWithUnit, metricText } from "./metric-text.ts";
import { subgroupSections } from "./subgroup-sections.ts";

/** What metrics are held against in a report. */
export interface EvaluationSectionOptions {
  /** Published or own baselines by metric; what no skill scores is shown where there is none. */
  readonly comparisons?: Readonly<Record<string, { readonly label: string; readonly value: number }>> | undefined;
  /** What cases are, in the plural: "images", "documents"; cases when left out. */
  readonly unit?: string | undefined;
}

/** What is asked of an evaluation to show its metrics. */
type Shown = Pick<Evaluation, "metrics" | "headline" | "part">;

/** More rows than this are read in the table. */
const mostPartsPlotted = 20;

/** Up to so many parts, each part is a column; more are rows of a wide table. */
const partsAsColumns = 4;

/** The metrics that a record of estimates holds, in the order of a report. */
const metricsIn = (
  metrics: Readonly<Record<string, Metric>>,
  ...records: readonly Readonly<Record<string, unknown>>[]
): [name: string, metric: Metric][] =>
  Object.entries(metrics).filter(([name]) => records.some((record) => record[name] !== undefined));

function headlineOf(
  { metrics, headline }: Shown,
  report: EvaluationReport,
  comparisons: EvaluationSectionOptions["comparisons"] = {},
): HeadlineSection {
  return {
    kind: "headline",
    entries: headline.flatMap((name) => {
      const [metric, estimate, floor] = [metrics[name], report.metrics[name], report.floors[name]];
      if (metric === undefined || estimate === undefined) return [];
      const comparison = comparisons[name] ?? (floor === undefined ? undefined : { label: "no skill", value: floor });
      return [
        {
          label: labelOf(metric),
          estimate,
          decimals: decimalsOf(metric, estimate.value),
          ...(metric.unit === undefined ? {} : { unit: metric.unit }),
          ...(comparison === undefined ? {} : { comparison }),
        },
      ];
    }),
  };
}

function metricsTable({ metrics }: Shown, report: EvaluationReport): TableSection {
  const shown = metricsIn(metrics, report.metrics);
  const withFloors = shown.some(([name]) => report.floors[name] !== undefined);
  const lower = shown.filter(([, metric]) => metric.better === "lower").map(([, metric]) => metric.label);
  const noSkill = "No skill is what answering every case without looking at it scores. ";
  const direction =
    lower.length === 0
      ? "Higher is better."
      : lower.length === shown.length
        ? "Lower is better."
        : `Higher is better, except for ${lower.join(", ")}.`;
  return {
    kind: "table",
    title: "All metrics with 95% intervals",
    columns: [
      { label: "Metric" },
      numberColumn("Value (95% CI)"),
      ...(withFloors ? [numberColumn("No\u00a0skill")] : []),
      { label: "Meaning", align: "sentence" },
    ],
    rows: shown.map(([name, metric]) => {
      const floor = report.floors[name];
      return [
        labelOf(metric),
        estimateOfMetricText(metric, report.metrics[name]!),
        ...(withFloors ? [floor === undefined ? "–" : metricText(metric, floor)] : []),
        metric.meaning,
      ];
    }),
    note: `${withFloors ? noSkill : ""}${direction}`,
  };
}

function breakdownTable({ metrics, part = "part" }: Shown, report: EvaluationReport): TableSection[] {
  const { breakdown } = report;
  if (breakdown.length === 0) return [];
  // Over one part the name is that of the part, so what it is about over all cases is left out.
  const shown = metricsIn(metrics, ...breakdown.map((one) => one.metrics)).map(
    ([name, { of: _of, ...metric }]) => [name, labelWithUnit(metric)] as const,
  );
  const missing = { value: null, lower: null, upper: null };
  const counted = breakdown.some(({ count }) => count !== undefined);
  const countText = (count: number | undefined) => (count === undefined ? "–" : formatCount(count));
  const title = `Each ${part}, with 95% intervals`;
  const head = part[0]!.toUpperCase() + part.slice(1);
  if (breakdown.length > partsAsColumns) {
    return [
      {
        kind: "table",
        title,
        columns: [
          { label: head },
          ...(counted ? [numberColumn("Count")] : []),
          ...shown.map(([, label]) => numberColumn(label)),
        ],
        rows: breakdown.map(({ name, count, metrics: values }) => [
          name,
          ...(counted ? [countText(count)] : []),
          ...shown.map(([metric]) => values[metric] ?? missing),
        ]),
      },
    ];
  }
  return [
    {
      kind: "table",
      title,
      columns: [{ label: "Metric" }, ...breakdown.map(({ name }) => numberColumn(name))],
      rows: [
        ...(counted ? [["Count", ...breakdown.map(({ count }) => countText(count))]] : []),
        ...shown.map(([metric, label]) => [
          label,
          ...breakdown.map(({ metrics: values }) => values[metric] ?? missing),
        ]),
      ],
    },
  ];
}

/** The first metric of the headline that parts have, part by part, around its value over all cases. */
function breakdownForest({ metrics, headline, part = "part" }: Shown, report: EvaluationReport): ReportSection[] {
  const { breakdown } = report;
  const name = headline.find((one) => breakdown.some((each) => (each.metrics[one]?.value ?? null) !== null));
  if (name === undefined || breakdown.length > mostPartsPlotted) return [];
  // Of two classes both have one ROC AUC.
  if (new Set(breakdown.map((each) => each.metrics[name]?.value)).size < 2) return [];
  const { of: _of, ...metric } = metrics[name]!;
  const reference = report.metrics[name]?.value ?? undefined;
  return [
    {
      kind: "forest",
      title: `${metric.label} of each ${part}`,
      valueLabel: labelWithUnit(metric),
      rows: breakdown.map(({ name: label, count, metrics: values }) => ({
        label,
        ...(count === undefined ? {} : { count }),
        estimate: values[name] ?? { value: null, lower: null, upper: null },
      })),
      ...(reference === undefined ? {} : { reference, note: "The dashed line is the value over all cases." }),
    },
  ];
}

/** How the cases were counted and resampled, in the words of a methods section. */
function methodsText(report: EvaluationReport, { part }: Shown, unit = "cases"): string {
  const { count, groupCount, composition = {}, resampling, withoutAnswer, withoutTruth } = report;
  const groups = groupCount === null ? "" : ` from ${formatCount(groupCount)} groups (such as patients)`;
  const made = Object.entries(composition).map(([name, size]) => `${name} ${formatCount(size)}`);
  const drawn = resampling.unit === "group" ? "whole groups" : "cases";
  const stratified = resampling.stratified ? `, stratified${part === "class" ? " by class" : ""}` : "";
  return [
    `${formatCount(count)} ${unit}${groups}${made.length === 0 ? "" : `: ${made.join(", ")}`}.`,
    ...(withoutTruth > 0 ? [`${formatCount(withoutTruth)} more have no known truth and were left out.`] : []),
    ...(withoutAnswer > 0 ? [`${formatCount(withoutAnswer)} have no answer and count as failures.`] : []),
    `Intervals are ${formatPercent(resampling.confidence, 0)} percentile intervals of ${formatCount(resampling.resamples)} ` +
      `bootstrap resamples of ${drawn}${stratified} (seed ${resampling.seed}); where few cases leave them without a ` +
      "meaning, Wilson's interval of a proportion or none.",
  ].join(" ");
}

/**
 * The sections of an evaluation: headline, how it was done, all metrics beside what no skill scores, each part, what the
 * kind of evaluation adds (curves, mistakes), and subgroups with their largest gaps.
 *
 * @example
 * await htmlReport({ title: "Pneumonia", sections: evaluationSections(evaluation, report) });
 */
export function evaluationSections<Measure, Details>(
  evaluation: EvaluationOf<Measure, Details>,
  report: EvaluationReport<Details>,
  { comparisons, unit }: EvaluationSectionOptions = {},
): ReportSection[] {
  const { metrics, headline, ofSubgroups = headline } = evaluation;
  const inSubgroups = Object.fromEntries(
    ofSubgroups.flatMap((name) => (metrics[name] === undefined ? [] : [[name, metrics[name]] as const])),
  );
  return [
    headlineOf(evaluation, report, comparisons),
    { kind: "text", paragraphs: [methodsText(report, evaluation, unit)] },
    metricsTable(evaluation, report),
    ...breakdownForest(evaluation, report),
    ...breakdownTable(evaluation, report),
    ...evaluation.sections(report.details, report),
    ...(report.attributes.length === 0 ? [] : [{ kind: "heading" as const, title: "Subgroups" }]),
    ...report.attributes.flatMap((attribute) => subgroupSections(attribute, report.metrics, inSubgroups)),
  ];
}
