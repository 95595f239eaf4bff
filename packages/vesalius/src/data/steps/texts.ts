import { VesaliusError } from "../../common/errors.ts";
import { kindOf } from "../columns/index.ts";
import type { Span, SpansColumn } from "../columns/spans.ts";
import type { TextsColumn } from "../columns/texts.ts";
import { columnOf } from "../dataset/rows.ts";
import type { Split } from "../split.ts";

/** Words of a text as the tokenizer `words` counts them: runs of letters and digits, and each other sign by itself. */
const WORDS = /[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu;

/** Number of words of a text. */
export const wordCount = (text: string): number => text.match(WORDS)?.length ?? 0;

/** Where the words of a text begin and end, in UTF-16 units. */
export const wordRanges = (text: string): { readonly start: number; readonly end: number }[] =>
  Array.from(text.matchAll(WORDS), ({ 0: word, index }) => ({ start: index, end: index + word.length }));

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
