import { formatCsv } from "../../common/csv.ts";
import type { Split } from "../../data/index.ts";
import type { WrittenText } from "../../evaluation/index.ts";
import { requireColumn } from "../columns.ts";
import type { Answered, AnswerFile } from "../task.ts";

/** Written texts as JSON lines and as CSV, beside the reference where the split has it. */
export async function* textsFiles(
  answers: AsyncIterable<Answered<WrittenText>>,
  split: Split,
  column: string,
): AsyncIterable<AnswerFile> {
  const truth = split.columns[column]?.kind === "texts" ? requireColumn(split, column, "texts") : undefined;
  const rows: (string | number)[][] = [
    ["id", ...(truth === undefined ? [] : ["reference"]), "text", "logProbability", "finished"],
  ];
  const lines: string[] = [];
  let row = 0;
  for await (const { id, answer, declined } of answers) {
    const known = truth === undefined ? [] : [truth.values[row] ?? ""];
    rows.push([
      id,
      ...known,
      answer?.text ?? "",
      answer?.logProbability ?? "",
      answer?.finished === undefined ? "" : String(answer.finished),
    ]);
    lines.push(JSON.stringify({ id, ...answer, ...(declined === undefined ? {} : { declined }) }));
    row++;
  }
  yield { name: "predictions.csv", content: formatCsv(rows) };
  yield { name: "predictions.jsonl", content: lines.map((line) => `${line}\n`).join("") };
}
