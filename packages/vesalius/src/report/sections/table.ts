import { z } from "zod";
import { captionedTable } from "../captions.ts";
import { estimateSchema } from "../estimate.ts";
import { formatInterval, formatNumber } from "../format.ts";
import { html, type Html, type HtmlValue } from "../html.ts";
import { list, requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";

const cellSchema = z.union([z.string(), estimateSchema]);
/** A cell of a table: text, or a value that is shown above its interval. */
type TableCell = z.output<typeof cellSchema>;

const schema = sectionSchema("table", {
  title: z.string(),
  /** The first column names the row. `sentence` is text that needs room; `right` is for numbers. */
  columns: list(z.object({ label: z.string(), align: z.enum(["left", "right", "sentence"]).exactOptional() })),
  rows: list(list(cellSchema)),
  note: z.string().exactOptional(),
});
export type TableSection = z.output<typeof schema>;

/** A column of numbers, aligned to the right. */
export const numberColumn = (label: string) => ({ label, align: "right" as const });

/** Two decimals, or as many as leave two digits that differ from zero. */
function cellDecimals(value: number | null): number {
  const size = Math.abs(value ?? 0);
  return size >= 100 ? 1 : size >= 0.1 || size === 0 ? 2 : 3;
}

/** A value above its interval, or above the reason why it is not defined, to keep tables narrow. */
function cellContent(cell: TableCell): HtmlValue {
  if (typeof cell === "string") return cell;
  const { value, lower, upper, reason, caution } = cell;
  const decimals = cellDecimals(value);
  const interval = lower === null || upper === null ? reason : formatInterval(lower, upper, decimals);
  const below = [interval, caution].flatMap((words) => (words === undefined ? [] : [html`<small>${words}</small>`]));
  return [formatNumber(value ?? NaN, decimals), below];
}

/** Rows and columns, for tables of their own and for the numbers of a chart. */
export function plainTable({ columns, rows }: Pick<TableSection, "columns" | "rows">, labelledBy: string): Html {
  const side = (column: number) => columns[column]?.align ?? "left";
  const head = columns.map(({ label }, i) => html`<th scope="col" class="${side(i)}">${label}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0
        ? html`<th scope="row">${cellContent(cell)}</th>`
        : html`<td class="${side(i)}">${cellContent(cell)}</td>`,
    );
    return html`<tr>
      ${cells}
    </tr>`;
  });
  return html`<table aria-labelledby="${labelledBy}">
    <thead>
      <tr>
        ${head}
      </tr>
    </thead>
    <tbody>
      ${body}
    </tbody>
  </table>`;
}

/** A numbered table. */
export const table = sectionKind(schema, {
  numbered: "Table",
  check(section) {
    for (const row of section.rows) requireSameLengths(section, [section.columns, row]);
  },
  html: (section, number) => captionedTable(number, section.title, (id) => plainTable(section, id), section.note),
});
