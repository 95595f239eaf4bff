import type { Column, ColumnKind } from "../column.ts";
import { checkLengths, contentHead, presence, presentCount } from "./storage.ts";
import { joinStrings, lengthFacts, lengthRange, ofStrings, stringContent, textFingerprints } from "./strings.ts";

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

/** Texts: equal ones of eight words or more are taken for one example, whatever their case and spaces. */
export const texts: ColumnKind<TextsColumn, string> = {
  kind: "texts",
  summary: "texts of any language, read as strings",
  ...ofStrings,
  join: (columns) => ({ kind: "texts", ...joinStrings(columns) }),
  fingerprints: (column) => textFingerprints(column, normalised),
  telling: (column, row) => countWords(column.values[row]!) >= TELLING_WORDS,
  wording: ({ values }, row) => values[row]!,
  *content(column) {
    checkLengths("texts", column.length, { values: column.values.length });
    yield* contentHead(column);
    yield* stringContent(column.values);
  },
  empty: (length) => textsColumn(Array<null>(length).fill(null)),
  facts: (column) => lengthFacts(column, (text) => text.split(/\s+/).filter((word) => word !== "").length),
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
