import { formatCsv } from "../../common/csv.ts";
import type { EventsColumn } from "../../data/index.ts";
import type { SurvivalAnswer, SurvivalSettings } from "../../evaluation/index.ts";
import type { AnswerFile, Answered } from "../task.ts";

/** Name of the probability of no event up to a time: `survival at 60 months`. */
export const survivalAt = (time: number, unit: string | undefined): string =>
  `survival at ${time}${unit === undefined ? "" : ` ${unit}`}`;

/** Risks and survival at the horizons as CSV, one row a case, beside what happened where it is known. */
export async function survivalFile(
  answers: AsyncIterable<Answered<SurvivalAnswer>>,
  column: EventsColumn | undefined,
  { times, horizons, unit }: SurvivalSettings,
): Promise<AnswerFile> {
  const truth = column?.kind === "events" ? column : undefined;
  const rows: (string | number)[][] = [
    [
      "id",
      ...(truth === undefined ? [] : ["time", "event"]),
      "risk",
      ...horizons.map((time) => survivalAt(time, unit)),
    ],
  ];
  for await (const { id, answer } of answers) {
    const row = rows.length - 1;
    const known = truth === undefined ? [] : [truth.time[row]!, truth.observed[row]!];
    const shown = truth?.present?.[row] === 0 ? ["", ""] : known;
    const survival = horizons.map((time) => answer?.survival?.[times.indexOf(time)] ?? "");
    rows.push([id, ...shown, answer?.risk ?? "", ...survival]);
  }
  return { name: "predictions.csv", content: formatCsv(rows) };
}
