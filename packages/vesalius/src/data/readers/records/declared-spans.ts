import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { type Span, spansColumn } from "../../columns/spans.ts";
import type { ColumnDeclaration } from "./column-declaration.node.ts";
import type { ColumnContext, PreparedColumn } from "./declared-columns.node.ts";
import { type Cell, textOf } from "./records.ts";

type Declaration = Extract<ColumnDeclaration, { kind: "spans" }>;

const spanSchema = z
  .looseObject({
    start: z.int().nonnegative(),
    end: z.int().positive(),
    label: z.string().min(1).optional(),
    type: z.string().min(1).optional(),
  })
  .refine(({ label, type }) => (label ?? type) !== undefined, "a span has a label");

/** Position in UTF-16 units of every character (code point), and the end. */
function unitOffsets(text: string): number[] {
  const offsets = [0];
  for (const character of text) offsets.push(offsets.at(-1)! + character.length);
  return offsets;
}

/** Where the parts of a list begin and end in its text, in which each stands on a line of its own; one list for each inner one. */
function partRanges(cell: Cell): { readonly start: number; readonly end: number }[][] {
  let at = 0;
  const range = (part: unknown): { start: number; end: number } => {
    const start = at;
    at += String(part).length + 1;
    return { start, end: at - 1 };
  };
  if (!Array.isArray(cell)) return [];
  const nested = cell.some((part: unknown) => Array.isArray(part));
  return nested ? cell.map((inner: unknown) => [inner].flat().map(range)) : [cell.map(range)];
}

/** Spans of the parts of a text that a record names: by number (`lines`), or each by a type of its own (`parts`). */
function spansOfParts(
  cell: Cell,
  text: Cell,
  { from, offsets }: Pick<Declaration, "from" | "offsets">,
  where: string,
): Span[] {
  const ranges = partRanges(text);
  const bad = (what: string): VesaliusError => new VesaliusError("bad-data", what, { where });
  if (!Array.isArray(cell)) throw bad(`the column ${from} is no list`);
  if (offsets === "parts") {
    const parts = ranges.flat();
    if (cell.length !== parts.length)
      throw bad(`the column ${from} names ${cell.length} parts of a text that has ${parts.length}`);
    return parts.flatMap(({ start, end }, i) => (start === end ? [] : [{ start, end, type: String(cell[i]) }]));
  }
  const lists: readonly unknown[] =
    cell.some((part: unknown) => Array.isArray(part)) || ranges.length > 1 ? cell : [cell];
  if (lists.length > ranges.length)
    throw bad(`the column ${from} has ${lists.length} lists of lines for a text of ${ranges.length}`);
  return lists.flatMap((numbers, i) =>
    [numbers].flat().flatMap((line: unknown) => {
      const range = Number.isInteger(line) ? ranges[i]![line as number] : undefined;
      if (range === undefined) throw bad(`the column ${from} names a line that the text does not have`);
      return range.start === range.end ? [] : [{ ...range, type: from }];
    }),
  );
}

/**
 * Spans of a field of lists, `[{ start, end, label }]`, as UTF-16 offsets into the text.
 *
 * @throws VesaliusError `bad-data` with the row of a span that is malformed or leaves the text; it is never quoted
 */
export function declaredSpans(
  { records }: ColumnContext,
  { from, text: textField, offsets }: Declaration,
): PreparedColumn {
  const texts = records.fields.get(textField)!;
  const values = records.fields.get(from)!.map((cell, row) => {
    if (cell === null) return null;
    if (offsets === "lines" || offsets === "parts")
      return spansOfParts(cell, texts[row]!, { from, offsets }, records.whereOf(row));
    const parsed = z.array(spanSchema).safeParse(cell);
    const where = records.whereOf(row);
    if (!parsed.success) {
      throw new VesaliusError("bad-data", `the column ${from} is no list of { start, end, label }`, { where });
    }
    const text = textOf(texts[row]!) ?? "";
    const units = offsets === "characters" ? unitOffsets(text) : undefined;
    return parsed.data
      .map(({ start, end, label, type }) => {
        const found = { start: units ? units[start] : start, end: units ? units[end] : end, type: (label ?? type)! };
        if (
          found.start === undefined ||
          found.end === undefined ||
          found.end > text.length ||
          found.start >= found.end
        ) {
          throw new VesaliusError("bad-data", `a span from ${start} to ${end} does not lie in the text`, {
            where,
            fix: "count characters from 0, the end being the first after the span; or set offsets: utf16",
          });
        }
        return { start: found.start, end: found.end, type: found.type };
      })
      .sort((a, b) => a.start - b.start || a.end - b.end);
  });
  const types = [...new Set(values.flatMap((spans) => (spans ?? []).map(({ type }) => type)))].sort();
  return {
    make: (rows) =>
      spansColumn(
        types,
        rows.map((row) => values[row]!),
      ),
  };
}
