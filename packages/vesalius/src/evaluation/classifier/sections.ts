import type { Estimate } from "../../report/estimate.ts";
import type { ClassificationReport, ClassificationEstimates } from "./report.ts";
import { metricDescriptions, metricNames, type MetricName } from "../classification/metrics.ts";
import { numberColumn, type HeadlineSection, type ReportSection, type TableSection } from "../../report/index.ts";
import { estimateText, formatCount, formatNumber, formatPercent } from "../../report/format.ts";
import { subgroupSections } from "./subgroup-sections.ts";

/** What a figure is held against in the report. */
export interface ClassificationSectionOptions {
  /** Published or own baselines by metric; what no skill scores is shown where there is none. */
  readonly comparisons?: Readonly<Partial<Record<MetricName, { readonly label: string; readonly value: number }>>>;
  /** The figures of the subgroup plots, best two. ROC AUC with sensitivity or balanced accuracy when left out. */
  readonly subgroupMetrics?: readonly MetricName[];
}

const headlineMetrics: readonly MetricName[] = [
  "rocAuc",
  "averagePrecision",
  "balancedAccuracy",
  "sensitivityAtSpecificity",
  "expectedCalibrationError",
];

/** Up to so many classes, each class is a column; more are rows of a wide table. */
const classesAsColumns = 4;

/** The metrics that figures hold, in the order of a report. */
const metricsOf = (figures: ClassificationEstimates): MetricName[] =>
  metricNames.filter((name) => figures[name] !== undefined);

/** Metrics of the class that is singled out, not of all. */
const positiveClassMetrics: readonly MetricName[] = [
  "sensitivity",
  "specificity",
  "sensitivityAtSpecificity",
  "precision",
  "f1",
];

/** Name of a metric; with the class where several classes leave it open which one is meant. */
function labelOf({ classNames, positiveClass }: ClassificationReport, name: MetricName): string {
  const { label } = metricDescriptions[name];
  const open = classNames.length > 2 && positiveClass !== null && positiveClassMetrics.includes(name);
  return open ? `${label}, ${classNames[positiveClass]!}` : label;
}

function headlineOf(
  report: ClassificationReport,
  comparisons: ClassificationSectionOptions["comparisons"],
): HeadlineSection {
  const names = headlineMetrics.filter((name) => report.figures[name] !== undefined);
  return {
    kind: "headline",
    entries: names.map((name) => {
      const floor = report.floors[name];
      const comparison = comparisons?.[name] ?? (floor === undefined ? undefined : { label: "no skill", value: floor });
      return {
        label: labelOf(report, name),
        estimate: report.figures[name]!,
        ...(comparison === undefined ? {} : { comparison }),
      };
    }),
  };
}

function metricsTable(report: ClassificationReport): TableSection {
  const { figures, floors } = report;
  const names = metricsOf(figures);
  const lower = names.filter((name) => metricDescriptions[name].better === "lower");
  return {
    kind: "table",
    title: "All figures with 95% intervals",
    columns: [
      { label: "Metric" },
      numberColumn("Value (95% CI)"),
      numberColumn("No\u00a0skill"),
      { label: "Meaning", align: "sentence" },
    ],
    rows: names.map((name) => {
      const floor = floors[name];
      const shownFloor = floor === undefined ? "–" : formatNumber(floor);
      return [labelOf(report, name), estimateText(figures[name]!), shownFloor, metricDescriptions[name].meaning];
    }),
    note:
      "No skill is what answering every case with the class frequencies scores. Higher is better, except for " +
      `${lower.map((name) => metricDescriptions[name].label).join(", ")}.`,
  };
}

function perClassTable({ perClass }: ClassificationReport): TableSection {
  const metrics = metricsOf(perClass[0]!.figures);
  const title = "Each class against the rest, with 95% intervals";
  if (perClass.length > classesAsColumns) {
    return {
      kind: "table",
      title,
      columns: [
        { label: "Class" },
        numberColumn("Cases"),
        ...metrics.map((name) => numberColumn(metricDescriptions[name].label)),
      ],
      rows: perClass.map(({ name, count, figures }) => [
        name,
        formatCount(count),
        ...metrics.map((metric) => figures[metric]!),
      ]),
    };
  }
  return {
    kind: "table",
    width: "half",
    title,
    columns: [{ label: "Metric" }, ...perClass.map(({ name }) => numberColumn(name))],
    rows: [
      ["Cases", ...perClass.map(({ count }) => formatCount(count))],
      ...metrics.map((metric) => [
        metricDescriptions[metric].label,
        ...perClass.map(({ figures }) => figures[metric]!),
      ]),
    ],
  };
}

const isDefined = (figure: Estimate | undefined): boolean => figure !== undefined && figure.value !== null;

/** How the cases were counted and resampled, in the words of a methods section. */
function methodsText(report: ClassificationReport): string {
  const { count, groupCount, classNames, classCounts, resampling } = report;
  const groups = groupCount === null ? "" : ` from ${formatCount(groupCount)} groups (such as patients)`;
  const classes = classNames.map(
    (name, i) => `${name} ${formatCount(classCounts[i]!)} (${formatPercent(classCounts[i]! / count)})`,
  );
  const unit = resampling.unit === "group" ? "whole groups" : "cases";
  return (
    `${formatCount(count)} cases${groups}: ${classes.join(", ")}. Intervals are ${formatPercent(resampling.confidence, 0)} ` +
    `percentile intervals of ${formatCount(resampling.resamples)} bootstrap resamples of ${unit}, stratified by class ` +
    `(seed ${resampling.seed}).`
  );
}

function curveSections({ curves, perClass }: ClassificationReport): ReportSection[] {
  if (curves.length === 0) return [];
  const figuresOfClass = (name: string) => perClass.find((one) => one.name === name)!.figures;
  return [
    {
      kind: "roc",
      title: "Receiver operating characteristic",
      curves: curves.map(({ className, roc }) => ({
        name: className,
        ...roc,
        area: figuresOfClass(className).rocAuc!,
      })),
    },
    {
      kind: "precisionRecall",
      title: "Precision and recall",
      curves: curves.map(({ className, prevalence, precisionRecall }) => ({
        name: className,
        ...precisionRecall,
        prevalence,
        averagePrecision: figuresOfClass(className).averagePrecision!,
      })),
    },
  ];
}

function reliabilitySections({ reliability, positiveClass, classNames }: ClassificationReport): ReportSection[] {
  const top: ReportSection = {
    kind: "reliability",
    title: "Reliability of the most probable class",
    bins: reliability.topClass,
    xLabel: "Confidence",
    yLabel: "Share correct",
  };
  if (reliability.positiveClass === null || positiveClass === null) return [top];
  const name = classNames[positiveClass]!;
  const positive: ReportSection = {
    kind: "reliability",
    title: `Reliability of the probability of ${name}`,
    bins: reliability.positiveClass,
    xLabel: `Predicted probability of ${name}`,
    yLabel: `Share with ${name}`,
  };
  return [top, positive];
}

function mistakeSections({ confidentErrors }: ClassificationReport): ReportSection[] {
  if (confidentErrors.length === 0) return [];
  return [
    { kind: "heading", title: "Surest mistakes" },
    {
      kind: "table",
      title: "Wrong answers in which the model was most confident",
      columns: [{ label: "Case" }, { label: "True class" }, { label: "Answer" }, numberColumn("Confidence")],
      rows: confidentErrors.map(({ id, trueClass, predictedClass, confidence }) => [
        id,
        trueClass,
        predictedClass,
        formatPercent(confidence),
      ]),
    },
  ];
}

/**
 * The standard sections of a classification: headline figures, discrimination, calibration, answers, subgroups and the
 * surest mistakes.
 *
 * @example
 * await htmlReport({ title: "Pneumonia", sections: classificationSections(report) });
 */
export function classificationSections(
  report: ClassificationReport,
  { comparisons, subgroupMetrics }: ClassificationSectionOptions = {},
): ReportSection[] {
  const second = report.positiveClass === null ? "balancedAccuracy" : "sensitivity";
  const inPlots = subgroupMetrics ?? [isDefined(report.figures.rocAuc) ? "rocAuc" : "accuracy", second];
  const { attributes, classNames, confusionMatrix } = report;
  return [
    headlineOf(report, comparisons),
    { kind: "text", paragraphs: [methodsText(report)] },
    { kind: "heading", title: "Discrimination" },
    ...curveSections(report),
    metricsTable(report),
    { kind: "heading", title: "Calibration" },
    ...reliabilitySections(report),
    { kind: "heading", title: "Answers" },
    { kind: "confusionMatrix", title: "Confusion matrix", classNames, counts: confusionMatrix },
    perClassTable(report),
    ...(attributes.length === 0 ? [] : [{ kind: "heading" as const, title: "Subgroups" }]),
    ...attributes.flatMap((attribute) =>
      subgroupSections(attribute, report.figures, inPlots, (metric) => labelOf(report, metric)),
    ),
    ...mistakeSections(report),
  ];
}
