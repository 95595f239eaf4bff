import type { Column } from "../column.ts";
import { concatenate, gather, joinedLength, joinPresent, readRows, takePresent } from "./storage.ts";

/** A column of several named values a row, `[length, names]` in one array. */
interface NamedValues<Values extends Int8Array | Int32Array | Float32Array> extends Column {
  readonly names: readonly string[];
  readonly values: Values;
}

/** The values of rows, `[names]` each, as views; null where a row has none. */
export function readNamed<Values extends Int8Array | Int32Array | Float32Array>(
  column: NamedValues<Values>,
  rows: ArrayLike<number>,
): Promise<(Values | null)[]> {
  const width = column.names.length;
  return readRows(column, rows, (row) => column.values.subarray(row * width, (row + 1) * width) as Values);
}

/** The column with some of its rows. */
export const takeNamed = <Stored extends NamedValues<Int8Array | Int32Array | Float32Array>>(
  column: Stored,
  rows: ArrayLike<number>,
): Stored => ({
  ...column,
  length: rows.length,
  values: gather(column.values, rows, column.names.length),
  ...takePresent(column, rows),
});

/** Length, values and presence of columns one after the other. */
export const joinNamed = <Values extends Int8Array | Int32Array | Float32Array>(
  type: Parameters<typeof concatenate<Values>>[0],
  columns: readonly NamedValues<Values>[],
): { readonly length: number; readonly values: Values; readonly present?: Uint8Array } => ({
  length: joinedLength(columns),
  values: concatenate(
    type,
    columns.map(({ values }) => values),
  ),
  ...joinPresent(columns),
});
