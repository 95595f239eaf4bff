/** What columns of one string a row share: texts, sequences, molecules. */
import { createDigest } from "#common/digest";
import type { Column, ColumnFacts } from "../column.ts";
import { quantile } from "./quantile.ts";
import { isPresent, joinedLength, joinPresent, presentCount, readRows, sampledRows, takePresent } from "./storage.ts";

/** A column of one string a row. */
interface StringsColumn extends Column {
  /** `[length]`; empty where one is missing. */
  readonly values: readonly string[];
}

/** The strings of rows; null where one is missing. */
const readStrings = (column: StringsColumn, rows: ArrayLike<number>): Promise<(string | null)[]> =>
  readRows(column, rows, (row) => column.values[row]!);

/** The column with some of its rows. */
const takeStrings = <Stored extends StringsColumn>(column: Stored, rows: ArrayLike<number>): Stored => ({
  ...column,
  length: rows.length,
  values: Array.from(rows, (row) => column.values[row]!),
  ...takePresent(column, rows),
});

/** How every such kind reads and takes rows. */
export const ofStrings = { read: readStrings, take: takeStrings } as const;

/** Length, values and presence of columns one after the other. */
export const joinStrings = (
  columns: readonly StringsColumn[],
): { readonly length: number; readonly values: string[]; readonly present?: Uint8Array } => ({
  length: joinedLength(columns),
  values: columns.flatMap(({ values }) => values),
  ...joinPresent(columns),
});

/** Number of strings that are there and how long they are, for descriptions. */
export function describeStrings(column: StringsColumn): {
  readonly present: number;
  readonly shortest: number;
  readonly longest: number;
  readonly meanLength: number;
} {
  const { shortest, longest, mean } = lengthRange(column);
  return { present: presentCount(column), shortest, longest, meanLength: mean };
}

/** How long the strings are, measured by `lengthOf`: words of texts, letters of sequences. */
export function lengthFacts(column: StringsColumn, lengthOf: (value: string) => number): ColumnFacts {
  const lengths = sampledRows(column).map((row) => lengthOf(column.values[row]!));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  return {
    length: quantile(lengths, 0.5),
    longLength: quantile(lengths, 0.98),
    longest: Math.max(0, ...lengths),
    totalLength: Math.round(mean * column.length),
  };
}

/** Hashes of normalised texts, undefined where one is missing. */
export function textFingerprints(column: StringsColumn, normalise: (text: string) => string): (string | undefined)[] {
  return column.values.map((text, row) =>
    isPresent(column, row) ? createDigest().update(normalise(text)).hex() : undefined,
  );
}

/** Numbers of characters, for descriptions. */
export function lengthRange(column: StringsColumn): {
  readonly shortest: number;
  readonly longest: number;
  readonly mean: number;
} {
  let shortest = Infinity;
  let longest = 0;
  let sum = 0;
  for (const [row, { length }] of column.values.entries()) {
    if (!isPresent(column, row)) continue;
    shortest = Math.min(shortest, length);
    longest = Math.max(longest, length);
    sum += length;
  }
  const count = presentCount(column);
  return count === 0
    ? { shortest: 0, longest: 0, mean: 0 }
    : { shortest, longest, mean: Math.round((sum / count) * 10) / 10 };
}

/** Everything that decides what a column of strings says; each is preceded by its length, so that none runs into the next. */
export function* stringContent(values: readonly string[]): Generator<string> {
  for (const value of values) yield `${value.length}:${value}`;
}
