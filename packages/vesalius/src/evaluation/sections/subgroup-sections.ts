import {
  formatCount,
  numberColumn,
  type Estimate,
  type ForestSection,
  type ReportSection,
  type TableSection,
} from "../../report/index.ts";
import type { Estimates, Metric } from "../evaluation.ts";
import type { AttributeReport } from "../evaluation-report.ts";
import { estimateOfMetricText, labelOf, labelWithUnit } from "./metric-text.ts";

/** Metrics by name. */
type Metrics = Readonly<Record<string, Metric>>;

const notDefined: Estimate = { value: null, lower: null, upper: null };

function gapSentence({ largestGaps }: AttributeReport, name: string, metric: Metric): string[] {
  const largest = largestGaps[name];
  if (largest === undefined) return [];
  const { highest, lowest, gap } = largest;
  return [`Largest gap in ${labelOf(metric)}: ${estimateOfMetricText(metric, gap)}, ${highest} above ${lowest}.`];
}

/** What a reader must know to read the table: how the cases were divided, what is missing, how large the gaps are. */
function noteOf(attribute: AttributeReport, plotted: Metrics): string {
  const { subgroups, missing, omitted, division } = attribute;
  const gaps = Object.entries(plotted).flatMap(([name, metric]) => gapSentence(attribute, name, metric));
  return [
    `Divided ${division}.`,
    ...(missing > 0 ? [`${formatCount(missing)} cases have no value.`] : []),
    ...(omitted.subgroups > 0
      ? [`${formatCount(omitted.subgroups)} values (${formatCount(omitted.cases)} cases) are not shown.`]
      : []),
    ...subgroups.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}.`])),
    ...gaps,
    ...(gaps.length > 0 ? ["The two were chosen for being furthest apart, so expect some gap by chance alone."] : []),
  ].join(" ");
}

function forest(attribute: AttributeReport, overall: Estimates, name: string, metric: Metric): ForestSection {
  const reference = overall[name]?.value ?? undefined;
  return {
    kind: "forest",
    title: `${labelOf(metric)} by ${attribute.attribute}`,
    valueLabel: labelWithUnit(metric),
    rows: attribute.subgroups.map(({ name: label, count, metrics, note }) => ({
      label,
      count,
      estimate: metrics[name] ?? { ...notDefined, ...(note === undefined ? {} : { reason: note }) },
    })),
    ...(reference === undefined ? {} : { reference, note: "The dashed line is the value over all cases." }),
  };
}

function table(attribute: AttributeReport, metrics: Metrics, note: string): TableSection {
  const { subgroups } = attribute;
  const shown = Object.entries(metrics).filter(([name]) =>
    subgroups.some((subgroup) => subgroup.metrics[name] !== undefined),
  );
  return {
    kind: "table",
    title: `Metrics by ${attribute.attribute}, with 95% intervals`,
    columns: [
      { label: attribute.attribute },
      numberColumn("Cases"),
      ...shown.map(([, metric]) => numberColumn(labelWithUnit(metric))),
    ],
    rows: subgroups.map(({ name: subgroup, count, metrics: values }) => [
      subgroup,
      formatCount(count),
      ...shown.map(([name]) => values[name] ?? notDefined),
    ]),
    note,
  };
}

/**
 * Forest plots and a table of one attribute's subgroups; plots of metrics that no subgroup defines are left out.
 *
 * @param metrics those of the table; the first two are plotted
 */
export function subgroupSections(attribute: AttributeReport, overall: Estimates, metrics: Metrics): ReportSection[] {
  const plotted = Object.entries(metrics)
    .slice(0, 2)
    .filter(([name]) => attribute.subgroups.some((subgroup) => (subgroup.metrics[name]?.value ?? null) !== null));
  const note = noteOf(attribute, Object.fromEntries(plotted));
  if (attribute.subgroups.length === 0) {
    return [{ kind: "text", title: `By ${attribute.attribute}`, paragraphs: [note] }];
  }
  return [
    ...plotted.map(([name, metric]) => forest(attribute, overall, name, metric)),
    table(attribute, metrics, note),
  ];
}
