import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import type { Split } from "../split.ts";
import { joinListRows, takeListRows } from "./arrays.ts";
import { agreed, bytesOf, checkLengths, contentHead, offsetsOf, presence, readRows, shared } from "./storage.ts";

/** Rows of a table that an example refers to: relevant passages, the protein of a pair. */
export interface ReferencesColumn extends Column {
  readonly kind: "references";
  /** Name of the table among `Dataset.tables`. */
  readonly table: string;
  /** The table itself, so that whoever holds the column can read what it refers to; shared, never copied. */
  readonly entries: Split;
  /** `[length + 1]`: the references of example i are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** `[references]` rows of the table. */
  readonly rows: Int32Array;
  /** `[references]` degrees of relevance; 1 for all where this is left out. */
  readonly grades?: Float32Array;
}

/** What one example refers to. */
export interface Reference {
  /** Rows of the table. */
  readonly rows: Int32Array;
  /** Degree of relevance of each. */
  readonly grades: Float32Array;
}

/**
 * A column of references; null stands for a missing one.
 *
 * @param entries the table, whose name is `entries.name`
 * @param values rows of the table for each example, with grades where they differ
 * @throws VesaliusError `bad-data` for a row outside the table
 */
export function referencesColumn(
  entries: Split,
  values: readonly ({ readonly rows: readonly number[]; readonly grades?: readonly number[] } | null)[],
): ReferencesColumn {
  for (const [row, value] of values.entries()) {
    checkLengths("references", value?.rows.length ?? 0, { grades: value?.grades?.length });
    if (value?.rows.some((at) => !Number.isInteger(at) || at < 0 || at >= entries.length)) {
      throw new VesaliusError("bad-data", `a reference leads outside the ${entries.length} rows of ${entries.name}`, {
        where: `row ${row + 1}`,
      });
    }
  }
  const graded = values.some((value) => value?.grades !== undefined);
  const grades = values.flatMap((value) => value?.grades ?? value?.rows.map(() => 1) ?? []);
  return {
    kind: "references",
    length: values.length,
    table: entries.name,
    entries,
    offsets: offsetsOf(
      Int32Array,
      values.map((value) => value?.rows.length ?? 0),
    ),
    rows: shared(Int32Array.from(values.flatMap((value) => value?.rows ?? []))),
    ...(graded ? { grades: shared(Float32Array.from(grades)) } : {}),
    ...presence(values.map((value) => value !== null)),
  };
}

const gradesOf = (column: ReferencesColumn): Float32Array =>
  column.grades ?? new Float32Array(column.rows.length).fill(1);

const lists = { offsets: "offsets", entries: ["rows", "grades"] } as const;

/** References: two examples may refer to one thing without being the same. */
export const references: ColumnKind<ReferencesColumn, Reference> = {
  kind: "references",
  summary: "rows of a table with degrees of relevance, read as row numbers and grades",
  read: (column, rows) => {
    const grades = gradesOf(column);
    return readRows(column, rows, (row) => {
      const [start, end] = [column.offsets[row]!, column.offsets[row + 1]!];
      return { rows: column.rows.subarray(start, end), grades: grades.subarray(start, end) };
    });
  },
  take: (column, rows) => takeListRows(column, rows, lists),
  join: (columns) => {
    const { entries } = columns[0]!;
    if (columns.some((column) => column.entries !== entries)) {
      agreed(columns, "tables", ({ table, entries: { ids } }) => [table, ids]);
    }
    const graded = columns.some(({ grades }) => grades !== undefined);
    return {
      ...joinListRows(graded ? columns.map((column) => ({ ...column, grades: gradesOf(column) })) : columns, lists),
      table: agreed(columns, "tables", ({ table }) => table),
    };
  },
  lacking: ({ offsets }) => (offsets.at(-1) === 0 ? "no example refers to anything" : undefined),
  *content(column) {
    // What the table holds is part of the dataset's content; its rows are named here.
    yield* contentHead(column, [column.table, column.entries.ids]);
    yield bytesOf(column.offsets);
    yield bytesOf(column.rows);
    yield bytesOf(gradesOf(column));
  },
  describe: (column) => ({ table: column.table, references: column.rows.length }),
};
