import { formatCount, formatPercent, numberColumn, type ReportSection } from "../../report/index.ts";
import type { EvaluationSummary } from "../evaluation.ts";
import type { ClassificationDetails } from "./details.ts";

function curveSections(
  { curves }: ClassificationDetails,
  { breakdown }: Pick<EvaluationSummary, "breakdown">,
): ReportSection[] {
  if (curves.length === 0) return [];
  const ofClass = (name: string, metric: string) => {
    const estimate = breakdown.find((one) => one.name === name)?.metrics[metric];
    return estimate === undefined ? {} : { [metric === "rocAuc" ? "area" : metric]: estimate };
  };
  return [
    { kind: "heading", title: "Discrimination" },
    {
      kind: "roc",
      title: "Receiver operating characteristic",
      curves: curves.map(({ className, roc }) => ({ name: className, ...roc, ...ofClass(className, "rocAuc") })),
    },
    {
      kind: "precisionRecall",
      title: "Precision and recall",
      curves: curves.map(({ className, prevalence, precisionRecall }) => ({
        name: className,
        ...precisionRecall,
        prevalence,
        ...ofClass(className, "averagePrecision"),
      })),
    },
  ];
}

function reliabilitySections({ reliability, positiveClass, classNames }: ClassificationDetails): ReportSection[] {
  if (reliability.topClass.length === 0) return [];
  const top: ReportSection = {
    kind: "reliability",
    title: "Reliability of the most probable class",
    bins: reliability.topClass,
    xLabel: "Confidence",
    yLabel: "Share correct",
  };
  const heading: ReportSection = { kind: "heading", title: "Calibration" };
  if (reliability.positiveClass === null || positiveClass === null) return [heading, top];
  const name = classNames[positiveClass]!;
  return [
    heading,
    top,
    {
      kind: "reliability",
      title: `Reliability of the probability of ${name}`,
      bins: reliability.positiveClass,
      xLabel: `Predicted probability of ${name}`,
      yLabel: `Share with ${name}`,
    },
  ];
}

function answerSections(details: ClassificationDetails): ReportSection[] {
  const { classNames, confusionMatrix, withoutAnswer, threshold, positiveClass } = details;
  const declined = withoutAnswer.reduce((sum, count) => sum + count, 0);
  const notes = [
    ...(threshold === null || positiveClass === null
      ? []
      : [
          `${classNames[positiveClass]!} is answered from a probability of ${formatPercent(threshold)}, a threshold chosen on other cases.`,
        ]),
    ...(declined === 0
      ? []
      : [`${formatCount(declined)} cases without an answer are not in the matrix; they count as wrong.`]),
  ];
  return [
    { kind: "heading", title: "Answers", ...(notes.length === 0 ? {} : { text: notes.join(" ") }) },
    { kind: "confusionMatrix", title: "Confusion matrix", classNames, counts: confusionMatrix },
  ];
}

function mistakeSections({ confidentErrors }: ClassificationDetails): ReportSection[] {
  if (confidentErrors.length === 0) return [];
  return [
    { kind: "heading", title: "Most confident mistakes" },
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

/** Curves, reliability diagrams, confusion matrix and the mistakes in which the model was most confident. */
export function classificationDetailSections(
  details: ClassificationDetails,
  summary: EvaluationSummary,
): ReportSection[] {
  return [
    ...curveSections(details, summary),
    ...reliabilitySections(details),
    ...answerSections(details),
    ...mistakeSections(details),
  ];
}
