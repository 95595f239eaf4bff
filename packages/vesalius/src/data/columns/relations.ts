import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { joinListRows, takeListRows } from "./arrays.ts";
import { fewOf, namesWith } from "./few-of.ts";
import type { Span } from "./spans.ts";
import { agreed, bytesOf, contentHead, offsetsOf, presence, readRows, shared } from "./storage.ts";

/** What holds between two marked pieces of one text. */
export interface Relation {
  readonly type: string;
  /** The piece that the relation goes out from (brat's first argument). */
  readonly head: Span;
  readonly tail: Span;
}

/** Relations between marked pieces of the texts of another column of the same split. */
export interface RelationsColumn extends Column {
  readonly kind: "relations";
  readonly types: readonly string[];
  /** Types of the pieces. */
  readonly spanTypes: readonly string[];
  /** `[length + 1]`: the relations of example i are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** `[relations]` positions in `types`. */
  readonly typeOf: Int32Array;
  /** `[relations]` UTF-16 offsets into the text, and positions in `spanTypes`. */
  readonly headStarts: Int32Array;
  readonly headEnds: Int32Array;
  readonly headTypes: Int32Array;
  readonly tailStarts: Int32Array;
  readonly tailEnds: Int32Array;
  readonly tailTypes: Int32Array;
}

const lists = {
  offsets: "offsets",
  entries: ["typeOf", "headStarts", "headEnds", "headTypes", "tailStarts", "tailEnds", "tailTypes"],
} as const;

/**
 * A column of relations, kept in the order that is given; null stands for a text that was not annotated.
 *
 * @param types of the relations
 * @param spanTypes of the pieces that they join
 * @throws VesaliusError `bad-data` for a type that is not listed, or a piece that is empty or backward
 */
export function relationsColumn(
  types: readonly string[],
  spanTypes: readonly string[],
  values: readonly (readonly Relation[] | null)[],
): RelationsColumn {
  for (const [row, relations] of values.entries()) {
    for (const { type, head, tail } of relations ?? []) {
      const placed = [head, tail].every(
        ({ start, end }) => Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end,
      );
      const listed = types.includes(type) && spanTypes.includes(head.type) && spanTypes.includes(tail.type);
      if (placed && listed) continue;
      throw new VesaliusError(
        "bad-data",
        placed ? "a type of a relation is not listed" : "a relation joins an empty piece",
        {
          where: `row ${row + 1}`,
        },
      );
    }
  }
  const all = values.flatMap((relations) => relations ?? []);
  const stored = (value: (relation: Relation) => number): Int32Array => shared(Int32Array.from(all, value));
  return {
    kind: "relations",
    length: values.length,
    types,
    spanTypes,
    offsets: offsetsOf(
      Int32Array,
      values.map((relations) => relations?.length ?? 0),
    ),
    typeOf: stored(({ type }) => types.indexOf(type)),
    headStarts: stored(({ head }) => head.start),
    headEnds: stored(({ head }) => head.end),
    headTypes: stored(({ head }) => spanTypes.indexOf(head.type)),
    tailStarts: stored(({ tail }) => tail.start),
    tailEnds: stored(({ tail }) => tail.end),
    tailTypes: stored(({ tail }) => spanTypes.indexOf(tail.type)),
    ...presence(values.map((relations) => relations !== null)),
  };
}

/** Number of relations of each type. */
function typeCounts({ types, typeOf }: RelationsColumn): number[] {
  const counts = types.map(() => 0);
  for (const type of typeOf) counts[type]!++;
  return counts;
}

/** Relations: their equality says nothing of identity. */
export const relations: ColumnKind<RelationsColumn, readonly Relation[]> = {
  kind: "relations",
  summary: "relations between marked pieces of a text, read as lists of type, head and tail",
  read: (column, rows) =>
    readRows(column, rows, (row) => {
      const { offsets, types, spanTypes } = column;
      return Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, i) => {
        const at = offsets[row]! + i;
        return {
          type: types[column.typeOf[at]!]!,
          head: {
            start: column.headStarts[at]!,
            end: column.headEnds[at]!,
            type: spanTypes[column.headTypes[at]!]!,
          },
          tail: {
            start: column.tailStarts[at]!,
            end: column.tailEnds[at]!,
            type: spanTypes[column.tailTypes[at]!]!,
          },
        };
      });
    }),
  take: (column, rows) => takeListRows(column, rows, lists),
  join: (columns) => ({
    ...joinListRows(columns, lists),
    ...agreed(columns, "types", ({ types, spanTypes }) => ({ types, spanTypes })),
  }),
  lacking({ types, typeOf }, rare) {
    if (typeOf.length === 0) return "no relation is marked";
    const absent = types.filter((_, type) => !typeOf.includes(type));
    return absent.length === 0 ? undefined : `no relation is marked as ${fewOf(absent, rare)}`;
  },
  classNames: ({ types }) => types,
  classExamples: typeCounts,
  *content(column) {
    yield* contentHead(column, [column.types, column.spanTypes]);
    yield bytesOf(column.offsets);
    for (const name of lists.entries) yield bytesOf(column[name]);
  },
  describe: (column, rare) => ({ relations: namesWith(column.types, typeCounts(column), rare) }),
};
