import { isMissing } from "./names.ts";

const DECIMAL_COMMA = /^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Writes decimal commas as points, in columns where every value is a number with or without one and some have one: only
 * where cells are separated by semicolons, as spreadsheets do that write numbers so.
 */
export function withPoints(names: readonly string[], rows: readonly string[][]): string[] {
  const changed: string[] = [];
  for (const [column, name] of names.entries()) {
    let commas = 0;
    const numbers = rows.every((row) => {
      const cell = row[column]!;
      commas += Number(cell.includes(","));
      return isMissing(cell) || DECIMAL_COMMA.test(cell);
    });
    if (!numbers || commas === 0) continue;
    for (const row of rows) row[column] = row[column]!.replaceAll(".", "").replace(",", ".");
    changed.push(name);
  }
  return changed;
}
