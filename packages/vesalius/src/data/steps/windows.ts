import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { isPresent } from "../columns/storage.ts";
import { type Span, spansColumn } from "../columns/spans.ts";
import { textsColumn } from "../columns/texts.ts";
import { takeRows } from "../dataset/rows.ts";
import type { Split } from "../split.ts";
import type { DatasetStep } from "./step.ts";
import { readMarkedTexts, shifted, wordRanges } from "./texts.ts";

/** How texts are cut into windows. */
export const windowsSchema = z
  .strictObject({
    /** Column of the texts. */
    column: z.string().default("text"),
    /** Most words of a window; shorter texts stay as they are. */
    length: z.int().positive(),
    /** Words that two neighbouring windows have in common. */
    overlap: z.int().nonnegative().default(0),
  })
  .refine(({ length, overlap }) => overlap < length, { error: "is not less than length", path: ["overlap"] });

/** A part of a text, in UTF-16 units. */
export interface TextWindow {
  readonly start: number;
  readonly end: number;
}

const ID = /^(.*)\[(\d+)-(\d+)\]$/s;

/** The text that a window was cut from, by its id; undefined for one that is no window's. */
export function windowOf(id: string): (TextWindow & { readonly id: string }) | undefined {
  const [, parent, start, end] = ID.exec(id) ?? [];
  return parent === undefined ? undefined : { id: parent, start: Number(start), end: Number(end) };
}

/** Windows of a text that end between words, and inside no span that is shorter than a window. */
function windowsIn(text: string, spans: readonly Span[], length: number, overlap: number): TextWindow[] {
  const words = wordRanges(text);
  if (words.length <= length) return [{ start: 0, end: text.length }];
  // First word of a span that holds both the word before `at` and that at it.
  const spanAcross = (at: number): number | undefined => {
    const place = words[at]!.start;
    const across = spans.filter(({ start, end }) => start < words[at - 1]!.end && end > place);
    if (across.length === 0) return undefined;
    const first = Math.min(...across.map(({ start }) => start));
    return words.findIndex(({ end }) => end > first);
  };
  /** The nearest place at or before `at`, but behind `least`, that lies in no span; `at` where there is none. */
  const outside = (at: number, least: number): number => {
    let place = at;
    while (place < words.length) {
      const first = spanAcross(place);
      if (first === undefined) return place;
      if (first <= least) return at;
      place = first;
    }
    return place;
  };
  const found: TextWindow[] = [];
  let from = 0;
  let reached = 0;
  while (reached < words.length) {
    let to = outside(Math.min(from + length, words.length), from);
    if (to <= reached) {
      // What overlaps leaves too little room for the span that comes next.
      from = reached;
      to = outside(Math.min(from + length, words.length), from);
    }
    found.push({ start: words[from]!.start, end: words[to - 1]!.end });
    reached = to;
    from = outside(Math.max(from + 1, to - overlap), from);
  }
  return found;
}

/** A split whose long texts were cut. */
export interface CutTexts {
  readonly split: Split;
  /** Position of the text that each window was cut from. */
  readonly rows: readonly number[];
  /** Place of each window in its text; undefined for a text that is whole. */
  readonly places: readonly (TextWindow | undefined)[];
  readonly counts: Readonly<Record<string, number>>;
}

/** How texts are cut into windows. */
export type WindowsSettings = z.output<typeof windowsSchema>;

/**
 * Cuts the texts of a column into windows; see the step `windows`.
 *
 * @throws VesaliusError `bad-data` where the column is absent or holds no texts
 */
export async function cutTexts(split: Split, { column: name, length, overlap }: WindowsSettings): Promise<CutTexts> {
  const { column, spans, types } = await readMarkedTexts(split, name);
  const rows: number[] = [];
  const places: (TextWindow | undefined)[] = [];
  let cut = 0;
  for (let row = 0; row < split.length; row++) {
    const marked = Object.values(spans).flatMap((values) => values[row] ?? []);
    const found = isPresent(column, row) ? windowsIn(column.values[row]!, marked, length, overlap) : [];
    if (found.length > 1) cut++;
    const all = found.length > 1 ? found : [undefined];
    for (const place of all) {
      rows.push(row);
      places.push(place);
    }
  }
  let cutSpans = 0;
  const inside = (values: readonly (readonly Span[] | null)[], i: number): readonly Span[] | null => {
    const own = values[rows[i]!]!;
    const place = places[i];
    if (own === null || place === undefined) return own;
    const whole = own.filter(({ start, end }) => start >= place.start && end <= place.end);
    const touched = own.filter(({ start, end }) => start < place.end && end > place.start);
    cutSpans += touched.length - whole.length;
    return shifted(whole, -place.start);
  };
  const taken = takeRows(split, rows);
  const cutColumns = Object.entries(spans).map(
    ([key, values]) =>
      [
        key,
        spansColumn(
          types[key]!,
          rows.map((_, i) => inside(values, i)),
        ),
      ] as const,
  );
  const textOf = (row: number, i: number): string | null => {
    if (!isPresent(column, row)) return null;
    const text = column.values[row]!;
    return places[i] === undefined ? text : text.slice(places[i].start, places[i].end);
  };
  return {
    split: {
      ...taken,
      ids: taken.ids.map((id, i) => (places[i] === undefined ? id : `${id}[${places[i].start}-${places[i].end}]`)),
      groups: taken.groups ?? taken.ids,
      columns: { ...taken.columns, [name]: textsColumn(rows.map(textOf)), ...Object.fromEntries(cutColumns) },
    },
    rows,
    places,
    counts: { texts: split.length, windows: rows.length, cutTexts: cut, cutSpans },
  };
}

/**
 * Cuts long texts into windows that overlap. Everything else of the example is repeated for each of its windows, spans
 * that lie in a window move with it, and a window is in the group of its text. The id of a window is that of its text
 * with the place, `note 7[120-860]`; `windowOf` reads it.
 */
export const windows = entry({
  name: "windows",
  summary: "Cuts long texts into overlapping windows.",
  settings: windowsSchema,
  create:
    (settings): DatasetStep =>
    async (split) => {
      const { split: cut, counts } = await cutTexts(split, settings);
      return { split: cut, counts };
    },
});
