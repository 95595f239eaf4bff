import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { spansColumn } from "../../columns/spans.ts";
import type { ColumnContext, ColumnDeclaration, PreparedColumn } from "./declared-columns.node.ts";
import { textOf } from "./records.ts";

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

/**
 * Spans of a field of lists, `[{ start, end, label }]`, as UTF-16 offsets into the text.
 *
 * @throws VesaliusError `bad-data` with the row of a span that is malformed or leaves the text; it is never quoted
 */
export function declaredSpans(
  { records }: ColumnContext,
  { from, text: textField, offsets }: Extract<ColumnDeclaration, { kind: "spans" }>,
): PreparedColumn {
  const texts = records.fields.get(textField)!;
  const values = records.fields.get(from)!.map((cell, row) => {
    if (cell === null) return null;
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
