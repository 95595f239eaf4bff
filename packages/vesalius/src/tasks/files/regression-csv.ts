import { formatCsv } from "../../common/csv.ts";
import type { Split } from "../../data/index.ts";
import { requireColumn } from "../columns.ts";
import { placesOf } from "../numbers-target.ts";
import type { AnswerFile, Answered } from "../task.ts";

/** What is written about each case. */
interface RegressionFileOptions {
  /** Column of the true values, which are written where the split has them. */
  readonly column: string;
  readonly names: readonly string[];
  /** Whether answers have deviations. */
  readonly deviations: boolean;
}

/** Predicted numbers as CSV, one row a case, beside the true ones where they are known. */
export async function regressionFile(
  answers: AsyncIterable<Answered<{ readonly values: Float32Array; readonly deviations?: Float32Array }>>,
  split: Split,
  { column, names, deviations }: RegressionFileOptions,
): Promise<AnswerFile> {
  const truth = split.columns[column]?.kind === "numbers" ? requireColumn(split, column, "numbers") : undefined;
  const places = truth === undefined ? [] : placesOf(truth.names, names, `split ${split.name}, column ${column}`);
  const written = (value: number): number | string => (Number.isNaN(value) ? "" : value);
  const rows: (string | number)[][] = [
    [
      "id",
      ...places.map((_, i) => `true ${names[i]}`),
      ...names,
      ...(deviations ? names.map((name) => `deviation of ${name}`) : []),
    ],
  ];
  for await (const { id, answer } of answers) {
    const at = (rows.length - 1) * (truth?.names.length ?? 0);
    const said = answer === null ? [] : [...answer.values, ...(answer.deviations ?? [])];
    const empty = Array<string>((deviations ? 2 : 1) * names.length - said.length).fill("");
    rows.push([id, ...places.map((place) => written(truth!.values[at + place]!)), ...said, ...empty]);
  }
  return { name: "predictions.csv", content: formatCsv(rows) };
}
