import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { joinListRows, takeListRows } from "./arrays.ts";
import { fewOf, namesWith } from "./few-of.ts";
import { agreed, bytesOf, contentHead, offsetsOf, presence, readRows, shared } from "./storage.ts";

/** One marked piece of a text. */
export interface Span {
  /** UTF-16 offset of the first character. */
  readonly start: number;
  /** UTF-16 offset after the last character. */
  readonly end: number;
  readonly type: string;
}

/** Marked pieces of the texts of another column of the same split. */
export interface SpansColumn extends Column {
  readonly kind: "spans";
  readonly types: readonly string[];
  /** `[length + 1]`: the spans of example i are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** `[spans]` UTF-16 offsets into the text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** `[spans]` positions in `types`. */
  readonly typeOf: Int32Array;
}

/**
 * A column of spans, kept in the order that is given; null stands for a text that was not annotated.
 *
 * @throws VesaliusError `bad-data` for an empty or backward span or a type that is not listed
 */
export function spansColumn(types: readonly string[], values: readonly (readonly Span[] | null)[]): SpansColumn {
  const all = values.flatMap((spans, row) => (spans ?? []).map((span) => ({ ...span, row })));
  const wrong = all.find(
    ({ start, end, type }) =>
      !(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end) || !types.includes(type),
  );
  if (wrong !== undefined) {
    const listed = types.includes(wrong.type);
    throw new VesaliusError(
      "bad-data",
      listed ? `the span from ${wrong.start} to ${wrong.end} is empty or backward` : "a type is not listed",
      { where: `row ${wrong.row + 1}` },
    );
  }
  return {
    kind: "spans",
    length: values.length,
    types,
    offsets: offsetsOf(
      Int32Array,
      values.map((spans) => spans?.length ?? 0),
    ),
    starts: shared(Int32Array.from(all, ({ start }) => start)),
    ends: shared(Int32Array.from(all, ({ end }) => end)),
    typeOf: shared(Int32Array.from(all, ({ type }) => types.indexOf(type))),
    ...presence(values.map((spans) => spans !== null)),
  };
}

const lists = { offsets: "offsets", entries: ["starts", "ends", "typeOf"] } as const;

/** Number of spans of each type. */
function typeCounts({ types, typeOf }: SpansColumn): number[] {
  const counts = types.map(() => 0);
  for (const type of typeOf) counts[type]!++;
  return counts;
}

/** Spans: their equality says nothing of identity. */
export const spans: ColumnKind<SpansColumn, readonly Span[]> = {
  kind: "spans",
  summary: "marked pieces of a text with a type, read as lists of start, end and type",
  read: (column, rows) =>
    readRows(column, rows, (row) => {
      const { offsets, starts, ends, typeOf, types } = column;
      return Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, i) => {
        const at = offsets[row]! + i;
        return { start: starts[at]!, end: ends[at]!, type: types[typeOf[at]!]! };
      });
    }),
  take: (column, rows) => takeListRows(column, rows, lists),
  join: (columns) => ({ ...joinListRows(columns, lists), types: agreed(columns, "types", ({ types }) => types) }),
  lacking({ types, typeOf }, rare) {
    if (typeOf.length === 0) return "nothing is marked";
    const absent = types.filter((_, type) => !typeOf.includes(type));
    return absent.length === 0 ? undefined : `nothing is marked as ${fewOf(absent, rare)}`;
  },
  classNames: ({ types }) => types,
  withClasses: (column, names, to, where) => {
    if (to.some((position) => position < 0))
      throw new VesaliusError("bad-data", "a type of spans cannot be left out, as it would count as invented", {
        where,
        fix: "say which type of the model it is",
      });
    return { ...column, types: names, typeOf: column.typeOf.map((type) => to[type]!) };
  },
  *content(column) {
    yield* contentHead(column, column.types);
    for (const part of [column.offsets, column.starts, column.ends, column.typeOf]) yield bytesOf(part);
  },
  classExamples: typeCounts,
  describe: (column, rare) => ({ spans: namesWith(column.types, typeCounts(column), rare) }),
};
