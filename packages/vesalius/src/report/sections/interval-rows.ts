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
