import type { ReferencesColumn } from "../columns/references.ts";
import type { Split } from "../split.ts";
import { takeRows } from "./rows.ts";

function reduced(column: ReferencesColumn, most: number): ReferencesColumn {
  const { entries, rows } = column;
  const kept = new Set(rows);
  for (let row = 0; row < entries.length && kept.size < most; row++) kept.add(row);
  if (kept.size === entries.length) return column;
  const ordered = Int32Array.from(kept).sort();
  const place = new Map(Array.from(ordered, (row, i) => [row, i] as const));
  return { ...column, entries: takeRows(entries, ordered), rows: rows.map((row) => place.get(row)!) };
}

/**
 * The same examples with smaller tables behind them, for trials: the entries that examples refer to, and the first others
 * up to a number.
 *
 * @param most entries of a table, unless examples refer to more
 */
export function reduceTables(split: Split, most: number): Split {
  const columns = Object.entries(split.columns).map(
    ([name, column]) =>
      [name, column.kind === "references" ? reduced(column as ReferencesColumn, most) : column] as const,
  );
  return { ...split, columns: Object.fromEntries(columns) };
}
