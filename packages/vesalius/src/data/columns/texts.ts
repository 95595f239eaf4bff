import { createDigest } from "#common/digest";
import type { Column, ColumnKind } from "../column.ts";
import {
  checkLengths,
  contentHead,
  isPresent,
  joinedLength,
  joinPresent,
  presence,
  presentCount,
  readRows,
  takePresent,
} from "./storage.ts";

/** Texts as they were written. */
export interface TextsColumn extends Column {
  readonly kind: "texts";
  /** `[length]`; empty where one is missing. */
  readonly values: readonly string[];
}

/** A column of texts; null stands for a missing one. */
export function textsColumn(values: readonly (string | null)[]): TextsColumn {
  const flags = values.map((value) => value !== null);
  return { kind: "texts", length: values.length, values: values.map((value) => value ?? ""), ...presence(flags) };
}

/** Words and single ideographs below which two equal texts say nothing ("Is there a fracture?"). */
const TELLING_WORDS = 8;
const WORDS = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|[\p{L}\p{N}]+/gu;

/** Number of words; ideographs count as one each. */
export const countWords = (text: string): number => text.match(WORDS)?.length ?? 0;

/** Text without what typing changes: compatibility forms, case, white space. */
const normalised = (text: string): string => text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();

/** Hashes of normalised texts, undefined where one is missing. */
export function textFingerprints(
  column: Column & { readonly values: readonly string[] },
  normalise: (text: string) => string,
): (string | undefined)[] {
  return column.values.map((text, row) =>
    isPresent(column, row) ? createDigest().update(normalise(text)).hex() : undefined,
  );
}

/** Numbers of characters, for descriptions. */
export function lengthRange(column: Column & { readonly values: readonly string[] }): {
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

/** Texts: equal ones of eight words or more are taken for one example, whatever their case and spaces. */
export const texts: ColumnKind<TextsColumn, string> = {
  kind: "texts",
  summary: "texts of any language, read as strings",
  read: (column, rows) => readRows(column, rows, (row) => column.values[row]!),
  take: (column, rows) => ({
    kind: "texts",
    length: rows.length,
    values: Array.from(rows, (row) => column.values[row]!),
    ...takePresent(column, rows),
  }),
  join: (columns) => ({
    kind: "texts",
    length: joinedLength(columns),
    values: columns.flatMap(({ values }) => values),
    ...joinPresent(columns),
  }),
  fingerprints: (column) => textFingerprints(column, normalised),
  telling: (column, row) => countWords(column.values[row]!) >= TELLING_WORDS,
  *content(column) {
    checkLengths("texts", column.length, { values: column.values.length });
    yield* contentHead(column);
    yield* stringContent(column.values);
  },
  describe: (column) => {
    const { shortest, longest, mean } = lengthRange(column);
    return {
      present: presentCount(column),
      shortestCharacters: shortest,
      longestCharacters: longest,
      meanCharacters: mean,
    };
  },
};
