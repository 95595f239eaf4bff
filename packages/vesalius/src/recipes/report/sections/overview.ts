import {
  type Estimate,
  metricDescriptions,
  type MetricName,
  numberColumn,
  type ReportSection,
} from "../../../evaluation/index.ts";
import { formatEstimate, formatNumber, formatPercent } from "../../../report/format.ts";
import type { MethodSummary, RunReport } from "../run-report.ts";

/** The method with the best mean; undefined where there is none with a figure. */
export function bestMethod({ methods, metric }: Pick<RunReport, "methods" | "metric">): MethodSummary | undefined {
  const sign = metricDescriptions[metric].better === "higher" ? 1 : -1;
  const value = ({ figures }: MethodSummary): number => sign * (figures[metric]?.value ?? -Infinity);
  return methods.reduce<MethodSummary | undefined>(
    (best, method) => (best === undefined || value(method) > value(best) ? method : best),
    undefined,
  );
}

const plain = (value: number): Estimate => ({ value, lower: null, upper: null });

/** The figures that answer the reader's question. */
export function headlineSection(report: RunReport): ReportSection[] {
  const { metric, floor, cost, stages } = report;
  const best = bestMethod(report);
  const floorComparison =
    floor !== null && floor.metric === metric ? { comparison: { label: floor.name, value: floor.value } } : {};
  const images = stages.reduce((sum, stage) => sum + stage.images, 0);
  return [
    {
      kind: "headline",
      entries: [
        ...(best?.figures[metric] === undefined
          ? []
          : [
              {
                label: `${metricDescriptions[metric].label}, ${best.method}`,
                estimate: best.figures[metric],
                ...floorComparison,
              },
            ]),
        ...(best === undefined || best.parameters === 0
          ? []
          : [
              {
                label: `Parameters trained, ${best.method}`,
                estimate: plain((100 * best.trainedParameters) / best.parameters),
                unit: "%",
                decimals: 1,
              },
            ]),
        { label: "Time of all stages", estimate: plain(cost.seconds / 60), unit: "min", decimals: 1 },
        { label: `Energy, ${cost.energy.source}`, estimate: plain(cost.energy.wattHours), unit: "Wh", decimals: 1 },
        ...(best === undefined ? [{ label: "Training images", estimate: plain(images), decimals: 0 }] : []),
      ],
    },
  ];
}

const shownMetrics: readonly MetricName[] = [
  "rocAuc",
  "averagePrecision",
  "balancedAccuracy",
  "expectedCalibrationError",
];

function floorRow(report: RunReport, metrics: readonly MetricName[]): string[][] {
  const { floor } = report;
  if (floor === null) return [];
  return [
    [`${floor.name} (floor)`, ...metrics.map((name) => (name === floor.metric ? formatNumber(floor.value) : "–"))],
  ];
}

/** Methods beside each other and beside the floor. */
export function comparisonSections(report: RunReport): ReportSection[] {
  const { methods, metric, floor } = report;
  if (methods.length === 0) return [];
  const { label } = metricDescriptions[metric];
  const metrics = [
    metric,
    ...shownMetrics.filter((name) => name !== metric && methods[0]!.figures[name] !== undefined),
  ];
  const several = methods.some(({ seeds }) => seeds.length > 1);
  const interval = several
    ? "Mean over the seeds with the 95% interval of Student's t, which says how far another seed may lie; not how far other patients may."
    : "One seed: the interval is that of the bootstrap over the cases.";
  const reference = floor !== null && floor.metric === metric ? { reference: floor.value } : {};
  return [
    { kind: "heading", title: "Methods compared", text: `On the ${report.split} split. ${interval}` },
    {
      kind: "forest",
      width: "full",
      title: `${label} of each method`,
      valueLabel: label,
      rows: methods.map(({ method, figures, seeds }) => ({
        label: several ? `${method}, ${seeds.length} seeds` : method,
        estimate: figures[metric]!,
      })),
      ...reference,
      ...(floor === null ? {} : { note: `The dashed line is the floor: ${floor.name}, ${formatNumber(floor.value)}.` }),
    },
    {
      kind: "table",
      title: "Methods with 95% intervals",
      columns: [{ label: "Method" }, ...metrics.map((name) => numberColumn(metricDescriptions[name].label))],
      rows: [
        ...methods.map((one) => [
          one.method,
          ...metrics.map((name) => formatEstimate(one.figures[name] ?? { value: null, lower: null, upper: null })),
        ]),
        ...floorRow(report, metrics),
      ],
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
        `${formatNumber(one.trainedParameters, 0)} (${formatPercent(one.trainedParameters / one.parameters)})`,
        formatNumber(one.seconds, 0),
        formatNumber(one.wattHours, 2),
      ]),
      note: "Mean of one adaptation; pretraining is not in it.",
    },
    ...pairedSection(report),
  ];
}

function pairedSection({ comparisons, metric }: RunReport): ReportSection[] {
  if (comparisons.length === 0) return [];
  const several = comparisons.some(({ overSeeds }) => overSeeds !== null);
  return [
    {
      kind: "table",
      title: `Difference in ${metricDescriptions[metric].label} to ${comparisons[0]!.reference}, paired`,
      columns: [
        { label: "Method" },
        ...(several ? [numberColumn("Over the seeds (95% CI)")] : []),
        numberColumn("Over the cases (95% CI)"),
        numberColumn("p"),
      ],
      rows: comparisons.map(({ method, overSeeds, overCases, pValue }) => [
        method,
        ...(several ? [overSeeds === null ? "–" : formatEstimate(overSeeds)] : []),
        formatEstimate(overCases),
        pValue === null ? "–" : formatNumber(pValue),
      ]),
      note:
        (several ? "Over the seeds: mean of the differences of models with the same seed. " : "") +
        "Over the cases: the first seed's models on the same bootstrap resamples, with the two-sided bootstrap p-value of no difference.",
    },
  ];
}
