import { formatCsv } from "../../common/csv.ts";
import type { Split } from "../../data/index.ts";
import type { LabelsAnswer } from "../../evaluation/index.ts";
import { requireColumn } from "../columns.ts";
import type { Answered, AnswerFile } from "../task.ts";

/** What is written about each case. */
interface LabelsFileOptions {
  /** Column of the true labels, which are written where the split has them. */
  readonly column: string;
  readonly labels: readonly string[];
}

/** Probabilities of labels as CSV, one row a case, beside the true labels where they are known. */
export async function labelsFile(
  answers: AsyncIterable<Answered<LabelsAnswer>>,
  split: Split,
  { column, labels }: LabelsFileOptions,
): Promise<AnswerFile> {
  const truth = split.columns[column]?.kind === "labels" ? requireColumn(split, column, "labels") : undefined;
  const places = truth === undefined ? [] : labels.map((label) => truth.names.indexOf(label));
  const rows: (string | number)[][] = [
    ["id", ...places.map((_, label) => `true ${labels[label]}`), "given", ...labels],
  ];
  for await (const { id, answer } of answers) {
    const at = (rows.length - 1) * (truth?.names.length ?? 0);
    const known = places.map((place) => {
      const value = place < 0 ? -1 : truth!.values[at + place]!;
      return value < 0 ? "" : value;
    });
    const said =
      answer === null
        ? ["", ...labels.map(() => "")]
        : [
            labels.filter((_, i) => answer.probabilities[i]! >= (answer.thresholds?.[i] ?? 0.5)).join("|"),
            ...Array.from(answer.probabilities),
          ];
    rows.push([id, ...known, ...said]);
  }
  return { name: "predictions.csv", content: formatCsv(rows) };
}
