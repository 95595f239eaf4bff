import type { Estimate } from "../../report/estimate.ts";
import type { AttributeReport, ClassificationEstimates } from "./report.ts";
import { type MetricName } from "../classification/metrics.ts";
import { numberColumn, type ForestSection, type ReportSection, type TableSection } from "../../report/index.ts";
import { formatCount, formatEstimate } from "../../report/format.ts";

/** Metrics in the table of an attribute, where the cases define them. */
const tableMetrics: readonly MetricName[] = [
  "rocAuc",
  "balancedAccuracy",
  "sensitivity",
  "specificity",
  "brierScore",
  "expectedCalibrationError",
];

/** Name of a metric in this report. */
type LabelOf = (metric: MetricName) => string;

const notDefined: Estimate = { value: null, lower: null, upper: null };

function gapSentence({ largestGaps }: AttributeReport, metric: MetricName, labelOf: LabelOf): string[] {
  const largest = largestGaps[metric];
  if (largest === undefined) return [];
  const { highest, lowest, gap } = largest;
  return [`Largest gap in ${labelOf(metric)}: ${formatEstimate(gap)}, ${highest} above ${lowest}.`];
}

/** What a reader must know to judge the table: how the cases were divided, what is missing, how large the gaps are. */
function noteOf(attribute: AttributeReport, metrics: readonly MetricName[], labelOf: LabelOf): string {
  const { subgroups, missing, omitted, division } = attribute;
  const gaps = metrics.flatMap((metric) => gapSentence(attribute, metric, labelOf));
  return [
    `Divided ${division}.`,
    ...(missing > 0 ? [`${formatCount(missing)} cases have no value.`] : []),
    ...(omitted.subgroups > 0
      ? [`${formatCount(omitted.subgroups)} rarer values (${formatCount(omitted.cases)} cases) are not shown.`]
      : []),
    ...subgroups.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}.`])),
    ...gaps,
    ...(gaps.length > 0 ? ["The two were chosen for being furthest apart, so expect some gap by chance alone."] : []),
  ].join(" ");
}

function forest(
  attribute: AttributeReport,
  overall: ClassificationEstimates,
  metric: MetricName,
  labelOf: LabelOf,
): ForestSection {
  const label = labelOf(metric);
  const reference = overall[metric]?.value ?? undefined;
  return {
    kind: "forest",
    title: `${label} by ${attribute.attribute}`,
    valueLabel: label,
    rows: attribute.subgroups.map(({ name, count, figures, note }) => ({
      label: name,
      count,
      estimate: figures[metric] ?? { ...notDefined, ...(note === undefined ? {} : { reason: note }) },
    })),
    ...(reference === undefined ? {} : { reference, note: "The dashed line is the figure of all cases." }),
  };
}

function table(attribute: AttributeReport, plotted: readonly MetricName[], labelOf: LabelOf): TableSection {
  const { subgroups } = attribute;
  const metrics = tableMetrics.filter((name) => subgroups.some(({ figures }) => figures[name] !== undefined));
  return {
    kind: "table",
    title: `ClassificationEstimates by ${attribute.attribute}, with 95% intervals`,
    columns: [
      { label: attribute.attribute },
      numberColumn("Cases"),
      ...metrics.map((name) => numberColumn(labelOf(name))),
    ],
    rows: subgroups.map(({ name, count, figures }) => [
      name,
      formatCount(count),
      ...metrics.map((metric) => figures[metric] ?? notDefined),
    ]),
    note: noteOf(attribute, plotted, labelOf),
  };
}

/** Forest plots and a table of one attribute's subgroups; plots of metrics that no subgroup defines are left out. */
export function subgroupSections(
  attribute: AttributeReport,
  overall: ClassificationEstimates,
  metrics: readonly MetricName[],
  labelOf: LabelOf,
): ReportSection[] {
  const plotted = metrics.filter((metric) =>
    attribute.subgroups.some(({ figures }) => (figures[metric]?.value ?? null) !== null),
  );
  return [...plotted.map((metric) => forest(attribute, overall, metric, labelOf)), table(attribute, plotted, labelOf)];
}
