import type { Column, ColumnKind } from "../column.ts";
import { joinNamed, readNamed, takeNamed } from "./named-values.ts";
import { agreed, bytesOf, checkLengths, contentHead, shared } from "./storage.ts";

/** Measured values: laboratory results, age, a target of regression. */
export interface NumbersColumn extends Column {
  readonly kind: "numbers";
  readonly names: readonly string[];
  /** `[length, names]`; NaN where one is missing. */
  readonly values: Float32Array;
}

/**
 * A column of one or several numbers for each example.
 *
 * @param values `[length, names]`; NaN where one is missing
 * @throws VesaliusError `shape-mismatch`
 */
export function numbersColumn(names: readonly string[], length: number, values: ArrayLike<number>): NumbersColumn {
  checkLengths("numbers", length * names.length, { values: values.length });
  return {
    kind: "numbers",
    length,
    names,
    values: shared(values instanceof Float32Array ? values : Float32Array.from(values)),
  };
}

function describeNumber(column: NumbersColumn, index: number): string {
  const values: number[] = [];
  for (let row = 0; row < column.length; row++) values.push(column.values[row * column.names.length + index]!);
  const found = values.filter((value) => !Number.isNaN(value));
  const missing = found.length < values.length ? `, ${values.length - found.length} missing` : "";
  if (found.length === 0) return `${column.names[index]}: all missing`;
  const least = found.reduce((a, b) => Math.min(a, b));
  const most = found.reduce((a, b) => Math.max(a, b));
  const mean = found.reduce((a, b) => a + b, 0) / found.length;
  const short = (value: number): string => String(Number(value.toPrecision(4)));
  return `${column.names[index]}: ${short(least)} to ${short(most)}, mean ${short(mean)}${missing}`;
}

/** Numbers: their equality says nothing of identity. */
export const numbers: ColumnKind<NumbersColumn, Float32Array> = {
  kind: "numbers",
  summary: "one or several measured values, read as numbers, NaN where one is missing",
  read: readNamed,
  take: takeNamed,
  join: (columns) => ({
    kind: "numbers",
    names: agreed(columns, "names", ({ names }) => names),
    ...joinNamed(Float32Array, columns),
  }),
  *content(column) {
    yield* contentHead(column, column.names);
    yield bytesOf(column.values);
  },
  facts: ({ names }) => ({ numbers: names.length }),
  describe: (column) => ({ numbers: column.names.map((_, index) => describeNumber(column, index)) }),
};
