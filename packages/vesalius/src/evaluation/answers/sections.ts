import { formatCount, formatPercent, numberColumn, type ReportSection } from "../../report/index.ts";
import type { AnswersDetails } from "./details.ts";

/** Reliability, the most frequent confusions, and the mistakes in which the model was most confident. */
export function answersSections({ confusions, confidentErrors, reliability }: AnswersDetails): ReportSection[] {
  const sections: ReportSection[] = [];
  if (reliability.length > 0) {
    sections.push(
      { kind: "heading", title: "Calibration" },
      {
        kind: "reliability",
        title: "Reliability of the answers",
        bins: reliability,
        xLabel: "Confidence",
        yLabel: "Share right",
      },
    );
  }
  if (confusions.length > 0) {
    sections.push(
      { kind: "heading", title: "Mistakes" },
      {
        kind: "table",
        width: "half",
        title: "Most frequent wrong answers, normalized",
        columns: [{ label: "Truth" }, { label: "Answer" }, numberColumn("Questions")],
        rows: confusions.map(({ truth, answer, count }) => [truth, answer, formatCount(count)]),
      },
      {
        kind: "table",
        width: "half",
        title: "Wrong answers in which the model was most confident",
        columns: [{ label: "Case" }, { label: "Truth" }, { label: "Answer" }, numberColumn("Confidence")],
        rows: confidentErrors.map(({ id, truth, answer, confidence }) => [
          id,
          truth,
          answer,
          confidence === null ? "–" : formatPercent(confidence),
        ]),
      },
    );
  }
  return sections;
}
