import { estimateOfMetricText, labelOf, labelWithUnit, metricText } from "../../../evaluation/sections/metric-text.ts";
import { type Estimate, type HeadlineSection, numberColumn, type ReportSection } from "../../../report/index.ts";
import { formatNumber, formatPercent } from "../../../report/format.ts";
import { groupBy } from "../../../common/group-by.ts";
import { isTrained } from "../../stages/records.ts";
import { bestMethod, metricIn } from "../metrics.ts";
import type { Comparison, RunReport } from "../run-report.ts";

const plain = (value: number): Estimate => ({ value, lower: null, upper: null });

/** The best method's value beside the floor, and what it takes to reach it. */
function bestEntries(report: RunReport): HeadlineSection["entries"] {
  const { metric, floors } = report;
  const best = bestMethod(report);
  const estimate = best?.metrics[metric ?? ""];
  if (best === undefined || metric === null || estimate === undefined) return [];
  const described = metricIn(report, metric);
  const floor = floors.find((one) => one.metric === metric);
  const trained = plain((100 * best.trainedParameters) / best.parameters);
  return [
    {
      label: `${labelOf(described)}, ${best.method}`,
      estimate,
      ...(described.unit === undefined ? {} : { unit: described.unit }),
      ...(floor === undefined ? {} : { comparison: { label: floor.name, value: floor.value } }),
    },
    ...(best.parameters === 0
      ? []
      : [{ label: `Parameters trained, ${best.method}`, estimate: trained, unit: "%", decimals: 1 }]),
  ];
}

/** The numbers that answer the reader's question. */
export function headlineSection(report: RunReport): ReportSection {
  const { cost, stages, unit } = report;
  const best = bestEntries(report);
  const examples = stages.filter(isTrained).reduce((sum, stage) => sum + stage.examples, 0);
  return {
    kind: "headline",
    entries: [
      ...best,
      { label: "Time of all stages", estimate: plain(cost.seconds / 60), unit: "min", decimals: 1 },
      { label: `Energy, ${cost.energy.source}`, estimate: plain(cost.energy.wattHours), unit: "Wh", decimals: 1 },
      ...(best.length > 0 ? [] : [{ label: `Training ${unit}`, estimate: plain(examples), decimals: 0 }]),
    ],
  };
}

/** Floors as rows of a table whose columns are metrics; what one method reaches in several metrics is one row. */
function floorRows(report: RunReport, metrics: readonly string[]): string[][] {
  const names = [...new Set(report.floors.map(({ name }) => name))];
  return names.flatMap((name) => {
    const cells = metrics.map((metric) => {
      const floor = report.floors.find((one) => one.name === name && one.metric === metric);
      return floor === undefined ? "–" : metricText(metricIn(report, metric), floor.value);
    });
    return cells.every((cell) => cell === "–") ? [] : [[`${name} (floor)`, ...cells]];
  });
}

function forest(report: RunReport, metric: string): ReportSection {
  const { methods, baselines, floors } = report;
  const described = metricIn(report, metric);
  const several = methods.some(({ seeds }) => seeds.length > 1);
  const floor = floors.find((one) => one.metric === metric);
  return {
    kind: "forest",
    width: "full",
    title: `${labelOf(described)} of each method`,
    valueLabel: labelWithUnit(described),
    rows: [
      ...methods.map(({ method, metrics, seeds }) => ({
        label: several ? `${method}, ${seeds.length} seeds` : method,
        estimate: metrics[metric]!,
      })),
      ...baselines.map(({ title, metrics }) => ({ label: title, estimate: metrics[metric]! })),
    ],
    ...(floor === undefined
      ? {}
      : {
          reference: floor.value,
          note: `The dashed line is the floor: ${floor.name}, ${metricText(described, floor.value)}.`,
        }),
  };
}

const undefinedEstimate: Estimate = { value: null, lower: null, upper: null };

/** Methods beside each other and beside the floors. */
export function comparisonSections(report: RunReport): ReportSection[] {
  const { methods, baselines, metric, headline } = report;
  const cellsOf = (metrics: Readonly<Record<string, Estimate>>): string[] =>
    headline.map((name) => estimateOfMetricText(metricIn(report, name), metrics[name] ?? undefinedEstimate));
  if (methods.length === 0 || metric === null) return [];
  const several = methods.some(({ seeds }) => seeds.length > 1);
  const interval = several
    ? "Mean over the seeds with the 95% interval of Student's t, which says how far another seed may lie; not how far other patients may."
    : "One seed: the interval is that of the bootstrap over the cases.";
  return [
    { kind: "heading", title: "Methods compared", text: `On the ${report.split} split. ${interval}` },
    forest(report, metric),
    {
      kind: "table",
      title: "Methods with 95% intervals",
      columns: [{ label: "Method" }, ...headline.map((name) => numberColumn(labelOf(metricIn(report, name))))],
      rows: [
        ...methods.map((one) => [one.method, ...cellsOf(one.metrics)]),
        ...baselines.map((one) => [`${one.title} (baseline)`, ...cellsOf(one.metrics)]),
        ...floorRows(report, headline),
      ],
      ...(baselines.length === 0
        ? {}
        : {
            note: "A baseline was fitted on the same training examples and measured on the same cases; its interval is that of the bootstrap over the cases.",
          }),
    },
    {
      kind: "table",
      title: "What each method takes",
      columns: [
        { label: "Method" },
        numberColumn("Seeds"),
        numberColumn("Parameters trained"),
        numberColumn("Seconds"),
        numberColumn("Wh"),
      ],
      rows: methods.map((one) => [
        one.method,
        String(one.seeds.length),
        one.parameters === 0
          ? "none"
          : `${formatNumber(one.trainedParameters, 0)} (${formatPercent(one.trainedParameters / one.parameters)})`,
        formatNumber(one.seconds, 0),
        formatNumber(one.wattHours, 2),
      ]),
      note: "Mean of one adaptation; pretraining is not in it.",
    },
    ...pairedSections(report),
  ];
}

/** Differences in the headline metrics to the reference method, and to each baseline. */
function pairedSections(report: RunReport): ReportSection[] {
  return [...groupBy(report.comparisons, ({ reference }) => reference)].map(([reference, comparisons]) =>
    pairedTable(report, reference, comparisons),
  );
}

function pairedTable(report: RunReport, reference: string, comparisons: readonly Comparison[]): ReportSection {
  const { headline } = report;
  const several = comparisons.some(({ overSeeds }) => overSeeds !== null);
  const shown = headline.filter((name) => comparisons.some(({ overCases }) => overCases[name] !== undefined));
  return {
    kind: "table",
    title: `Difference to ${reference}, paired`,
    columns: [
      { label: "Method" },
      { label: "Metric" },
      ...(several ? [numberColumn("Over the seeds (95% CI)")] : []),
      numberColumn("Over the cases (95% CI)"),
      numberColumn("p"),
    ],
    rows: comparisons.flatMap(({ method, overSeeds, overCases }) =>
      shown.map((name) => {
        const metric = metricIn(report, name);
        const paired = overCases[name];
        const ofSeeds = overSeeds?.[name];
        return [
          method,
          labelOf(metric),
          ...(several ? [ofSeeds === undefined ? "–" : estimateOfMetricText(metric, ofSeeds)] : []),
          paired === undefined ? "–" : estimateOfMetricText(metric, paired.difference),
          paired === undefined || paired.pValue === null ? "–" : formatNumber(paired.pValue),
        ];
      }),
    ),
    note:
      (several ? "Over the seeds: mean of the differences of models with the same seed. " : "") +
      "Over the cases: the first seed's models on the same bootstrap resamples, with the two-sided bootstrap p-value of no difference.",
  };
}
