import { formatCount, formatNumber, numberColumn, type ReportSection } from "../../report/index.ts";
import type { EvaluationSummary } from "../evaluation.ts";
import type { LabelsDetails } from "./details.ts";

/** More curves than this cannot be told apart in a plot. */
const mostCurves = 6;

/** Curves where they are few enough, reliability, and how often each label occurs and is known. */
export function labelsSections(details: LabelsDetails, { breakdown }: EvaluationSummary): ReportSection[] {
  const { labels, curves, reliability } = details;
  const areaOf = (name: string) => breakdown.find((one) => one.name === name)?.metrics["rocAuc"];
  const sections: ReportSection[] = [];
  if (curves.length > 0 && curves.length <= mostCurves) {
    sections.push(
      { kind: "heading", title: "Discrimination" },
      {
        kind: "roc",
        title: "Receiver operating characteristic of each label",
        curves: curves.map(({ className, roc }) => {
          const area = areaOf(className);
          return { name: className, ...roc, ...(area === undefined ? {} : { area }) };
        }),
      },
      {
        kind: "precisionRecall",
        title: "Precision and recall of each label",
        curves: curves.map(({ className, prevalence, precisionRecall }) => ({
          name: className,
          ...precisionRecall,
          prevalence,
        })),
      },
    );
  }
  if (reliability.length > 0) {
    sections.push(
      { kind: "heading", title: "Calibration" },
      { kind: "reliability", title: "Reliability over all pairs of case and label", bins: reliability },
    );
  }
  return [
    ...sections,
    {
      kind: "table",
      title: "How often each label occurs, and the probability from which it is answered",
      columns: [
        { label: "Label" },
        numberColumn("Present"),
        numberColumn("Absent"),
        numberColumn("Not known"),
        numberColumn("Threshold"),
      ],
      rows: labels.map(({ name, present, absent, unknown, threshold }) => [
        name,
        formatCount(present),
        formatCount(absent),
        formatCount(unknown),
        formatNumber(threshold, 2),
      ]),
    },
  ];
}
