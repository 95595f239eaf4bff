import { VesaliusError } from "../../common/errors.ts";
import { type Span, type SpansColumn, spansColumn } from "../columns/spans.ts";
import { isPresent } from "../columns/storage.ts";
import { textsColumn } from "../columns/texts.ts";
import type { Split } from "../split.ts";
import { columnOf } from "./rows.ts";

/** How {@link packTexts} packs. */
export interface PackOptions {
  /** Most words (pieces between white space) of a packed text; a longer text stays alone. */
  readonly words: number;
  /** What texts are joined by. */
  readonly separator?: string;
  /** Column of the texts. */
  readonly text?: string;
}

const wordsOf = (text: string, separator: string): number =>
  separator === "" ? Array.from(text).length : text.split(/\s+/u).filter(Boolean).length;

/** Rows that are joined, in order; rows of different groups never are. */
function packs(split: Split, texts: readonly string[], words: number, separator: string): number[][] {
  const packed: number[][] = [];
  let count = 0;
  let group: string | undefined;
  for (const [row, text] of texts.entries()) {
    const length = wordsOf(text, separator);
    const last = packed.at(-1);
    if (last !== undefined && count + length <= words && split.groups?.[row] === group) {
      last.push(row);
      count += length;
    } else {
      packed.push([row]);
      count = length;
      group = split.groups?.[row];
    }
  }
  return packed;
}

/**
 * Joins consecutive texts of a split into longer ones, so that a model sees what stands around a sentence and batches
 * hold little padding. Columns of spans move with their text; the identifier of a packed text is that of its first. Only
 * texts that follow each other in the data and are of one group are joined.
 *
 * @throws VesaliusError `bad-data` where a text is missing, or a column is neither the text nor spans
 */
export function packTexts(split: Split, options: PackOptions): Split {
  const { words, separator = " ", text = "text" } = options;
  const { [text]: _, ...others } = split.columns;
  const column = columnOf(split, text, "texts");
  if (column.present !== undefined)
    throw new VesaliusError("bad-data", "a text is missing, so that texts cannot be joined", { where: split.name });
  const rows = packs(split, column.values, words, separator);
  const first = <Value>(values: readonly Value[]): Value[] => rows.map(([row]) => values[row!]!);
  const spans = Object.entries(others).map(([name, other]) => {
    if (other.kind !== "spans")
      throw new VesaliusError("bad-data", `the column ${name} holds ${other.kind}, which cannot be joined with texts`, {
        where: split.name,
      });
    return [name, packedSpans(other as SpansColumn, column.values, rows, separator)] as const;
  });
  return {
    name: split.name,
    length: rows.length,
    ids: first(split.ids),
    groups: split.groups && first(split.groups),
    attributes: {},
    columns: {
      [text]: textsColumn(rows.map((pack) => pack.map((row) => column.values[row]!).join(separator))),
      ...Object.fromEntries(spans),
    },
  };
}

function packedSpans(
  column: SpansColumn,
  texts: readonly string[],
  rows: readonly (readonly number[])[],
  separator: string,
): SpansColumn {
  const { types, offsets, starts, ends, typeOf } = column;
  return spansColumn(
    types,
    rows.map((pack) => {
      // Where one part is not annotated the whole is not: its unmarked words could be anything.
      if (pack.some((row) => !isPresent(column, row))) return null;
      let start = 0;
      return pack.flatMap((row): Span[] => {
        const moved = Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, i) => {
          const at = offsets[row]! + i;
          return { start: start + starts[at]!, end: start + ends[at]!, type: types[typeOf[at]!]! };
        });
        start += texts[row]!.length + separator.length;
        return moved;
      });
    }),
  );
}
