import { formatCsv } from "../../common/csv.ts";
import type { MedicalCode } from "../../data/index.ts";
import type { Answered, AnswerFile } from "../task.ts";

/** Ranks that are written for each example. */
const ranks = 10;

/** Ranked codes as a table: one row for each example and rank, one without a code for an example without an answer. */
export async function codesFile(
  answers: AsyncIterable<Answered<{ readonly rows: Int32Array; readonly probabilities: Float32Array }>>,
  codes: readonly MedicalCode[],
): Promise<AnswerFile> {
  const rows: (string | number)[][] = [["id", "rank", "category", "system", "code", "name", "probability"]];
  for await (const { id, answer } of answers) {
    if (answer === null) rows.push([id, "", "", "", "", "", ""]);
    answer?.rows.subarray(0, ranks).forEach((row, rank) => {
      const { category, system, code, name = "" } = codes[row]!;
      rows.push([id, rank + 1, category, system, code, name, answer.probabilities[row]!]);
    });
  }
  return { name: "predictions.csv", content: formatCsv(rows) };
}
