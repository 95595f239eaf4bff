import { z } from "zod";
import { estimateSchema } from "../estimate.ts";
import { estimateText, formatCount } from "../format.ts";
import { list, type ChartNumbers } from "../section-kind.ts";
import { numberColumn } from "./table.ts";

/** Schema of a row of a name, a value and its interval. */
const intervalRowSchema = z.object({
  label: z.string(),
  estimate: estimateSchema,
  /** Number of cases, shown beside the name. */
  count: z.number().exactOptional(),
});
export type IntervalRow = z.output<typeof intervalRowSchema>;

/** Keys that forest plots and bars share. */
export const intervalRowsShape = {
  title: z.string(),
  valueLabel: z.string(),
  rows: list(intervalRowSchema),
  /** Where a line is drawn: the value over all cases, a floor, a published value. */
  reference: z.number().exactOptional(),
  note: z.string().exactOptional(),
};

const remarkOf = ({ estimate: { reason, caution } }: IntervalRow): string | undefined =>
  [reason, caution].filter((words) => words !== undefined).join("; ") || undefined;

/** Follows the value of a row that says less than its point and line look like. */
export const markOf = (row: IntervalRow): string => (remarkOf(row) === undefined ? "" : "*");

/** More remarks than this are read in the table of numbers. */
const mostRemarks = 8;

/** The note of a figure with what has to be said of its rows: a point without an interval, or one of few cases. */
export function noteWithRemarks(rows: readonly IntervalRow[], note: string | undefined): string | undefined {
  const labels = new Map<string, string[]>();
  for (const row of rows) {
    const remark = remarkOf(row);
    if (remark !== undefined) labels.set(remark, [...(labels.get(remark) ?? []), row.label]);
  }
  const remarks = [...labels].map(([remark, of]) => `${of.join(", ")}: ${remark}`);
  const more = remarks.length > mostRemarks ? [`and ${remarks.length - mostRemarks} more in the table of numbers`] : [];
  const said = remarks.length === 0 ? [] : [`* ${[...remarks.slice(0, mostRemarks), ...more].join(". ")}.`];
  return [...(note === undefined ? [] : [note]), ...said].join(" ") || undefined;
}

/** The rows in numbers. */
export function rowNumbers(rows: readonly IntervalRow[], valueLabel: string): ChartNumbers {
  const counted = rows.some((row) => row.count !== undefined);
  return {
    columns: [{ label: "Row" }, ...(counted ? [numberColumn("Cases")] : []), numberColumn(valueLabel)],
    rows: rows.map(({ label, count, estimate }) => [
      label,
      ...(counted ? [count === undefined ? "–" : formatCount(count)] : []),
      estimateText(estimate),
    ]),
  };
}
