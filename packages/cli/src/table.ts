import { visibleCell } from "./visible.ts";

/** A table for a terminal: columns padded, numbers to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => visibleCell(String(cell))));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const numeric = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => row[column] !== "" && Number.isFinite(Number(row[column]))),
  );
  const pad = (cell: string, column: number): string =>
    numeric[column] === true ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return cells.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** Names and values below each other, for a terminal. */
export function formatPairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${visibleCell(value)}`).join("\n");
}
