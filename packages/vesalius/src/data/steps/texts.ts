import { VesaliusError } from "../../common/errors.ts";
import { kindOf } from "../columns/index.ts";
import type { Span, SpansColumn } from "../columns/spans.ts";
import type { TextsColumn } from "../columns/texts.ts";
import { columnOf } from "../dataset/rows.ts";
import type { Split } from "../split.ts";

const LETTER = /[\p{L}\p{M}\p{N}]/u;
const BLANK = /\s/u;

/** 1 for letters and digits, 0 for white space, 2 for every other sign, by code up to 127. */
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code);
  if (LETTER.test(sign)) return 1;
  return BLANK.test(sign) ? 0 : 2;
});

/** What stands at a place of a text, as {@link ASCII} numbers it. */
function signAt(text: string, at: number, code: number): number {
  if (code < 128) return ASCII[code]!;
  const sign = String.fromCodePoint(text.codePointAt(at)!);
  if (LETTER.test(sign)) return 1;
  return BLANK.test(sign) ? 0 : 2;
}

/**
 * Goes through the words of a text as the tokenizer `words` counts them: runs of letters and digits, and each other sign by
 * itself.
 *
 * @param visit is given where a word begins and ends, in UTF-16 units
 */
export function forEachWord(text: string, visit: (start: number, end: number) => void): void {
  let start = -1;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    const width = code >= 0xd800 && code < 0xdc00 && at + 1 < text.length && text.codePointAt(at)! > 0xffff ? 2 : 1;
    const sign = signAt(text, at, code);
    if (sign === 1) {
      if (start < 0) start = at;
    } else {
      if (start >= 0) visit(start, at);
      start = -1;
      if (sign === 2) visit(at, at + width);
    }
    at += width;
  }
  if (start >= 0) visit(start, text.length);
}

/** Number of words of a text. */
export function wordCount(text: string): number {
  let count = 0;
  forEachWord(text, () => count++);
  return count;
}

/** Where the words of a text begin and end, in UTF-16 units. */
export function wordRanges(text: string): { readonly start: number; readonly end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  forEachWord(text, (start, end) => ranges.push({ start, end }));
  return ranges;
}

/** The spans of each text under the name of their column; null where a text was not annotated. */
export type SpansByColumn = Readonly<Record<string, readonly (readonly Span[] | null)[]>>;

/** Texts of a split with the spans that are marked in them. */
export interface MarkedTexts {
  readonly column: TextsColumn;
  readonly spans: SpansByColumn;
  readonly types: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads the texts of a column and the spans of all columns of spans.
 *
 * @throws VesaliusError `bad-data` where the column is absent or holds no texts
 */
export async function readMarkedTexts(split: Split, name: string): Promise<MarkedTexts> {
  const column = columnOf(split, name, "texts");
  const rows = Array.from({ length: split.length }, (_, row) => row);
  const marked = Object.entries(split.columns).filter(([, { kind }]) => kind === "spans");
  const spans = await Promise.all(
    marked.map(async ([key, value]) => [key, (await kindOf(value).read(value, rows)) as (Span[] | null)[]] as const),
  );
  return {
    column,
    spans: Object.fromEntries(spans),
    types: Object.fromEntries(marked.map(([key, value]) => [key, (value as SpansColumn).types])),
  };
}

/** Spans inside a part of a text, counted from its beginning. */
export const shifted = (spans: readonly Span[], by: number): Span[] =>
  spans.map(({ start, end, type }) => ({ start: start + by, end: end + by, type }));

/** @throws VesaliusError `bad-data` naming columns that a step cannot carry along */
export function requireNoOthers(split: Split, known: readonly string[], drop: readonly string[], step: string): void {
  const absent = drop.filter((name) => !(name in split.columns));
  const others = Object.keys(split.columns).filter((name) => !known.includes(name) && !drop.includes(name));
  if (absent.length === 0 && others.length === 0) return;
  throw new VesaliusError(
    "bad-data",
    absent.length > 0
      ? `there is no column ${absent.join(", ")} to leave out`
      : `texts that are joined have no single ${others.join(", ")}`,
    {
      where: `step ${step}, split ${split.name}`,
      fix:
        absent.length > 0 ? `the columns are ${Object.keys(split.columns).join(", ")}` : "name these columns in drop",
    },
  );
}
