import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { joinNamed, readNamed, takeNamed } from "./named-values.ts";
import { agreed, bytesOf, checkLengths, contentHead, shared } from "./storage.ts";

/** Values of a few kinds: sex, site, grade. */
export interface CategoriesColumn extends Column {
  readonly kind: "categories";
  readonly names: readonly string[];
  /** Levels of each name, in order of their index. */
  readonly levels: readonly (readonly string[])[];
  /** `[length, names]` level indices; -1 where one is missing. */
  readonly values: Int32Array;
}

/**
 * A column of one or several categories for each example.
 *
 * @param levels levels of each name
 * @param values `[length, names]` level indices; -1 where one is missing
 * @throws VesaliusError `shape-mismatch`, or `bad-data` for an index without a level
 */
export function categoriesColumn(
  names: readonly string[],
  levels: readonly (readonly string[])[],
  length: number,
  values: ArrayLike<number>,
): CategoriesColumn {
  checkLengths("categories", length * names.length, { values: values.length });
  checkLengths("categories", names.length, { "lists of levels": levels.length });
  const stored = Int32Array.from(values);
  const wrong = stored.findIndex((value, i) => value < -1 || value >= levels[i % names.length]!.length);
  if (wrong >= 0) {
    throw new VesaliusError("bad-data", `there is no level ${stored[wrong]}`, {
      where: `row ${Math.floor(wrong / names.length) + 1}, ${names[wrong % names.length]}`,
    });
  }
  return { kind: "categories", length, names, levels, values: shared(stored) };
}

function describeCategory(column: CategoriesColumn, index: number): string {
  const levels = column.levels[index]!;
  const counts = levels.map(() => 0);
  let missing = 0;
  for (let row = 0; row < column.length; row++) {
    const value = column.values[row * column.names.length + index]!;
    if (value < 0) missing++;
    else counts[value]!++;
  }
  // A value that one example has could say who it is.
  const parts = counts.flatMap((count, level) => (count > 1 ? [`${levels[level]} ${count}`] : []));
  const rare = counts.filter((count) => count === 1).length;
  if (rare > 0) parts.push(`${rare} not shown: a single example has ${rare === 1 ? "it" : "each"}`);
  return `${column.names[index]}: ${[...parts, ...(missing > 0 ? [`missing ${missing}`] : [])].join(", ")}`;
}

/** Categories: their equality says nothing of identity. */
export const categories: ColumnKind<CategoriesColumn, Int32Array> = {
  kind: "categories",
  summary: "one or several values of few kinds, read as level indices, -1 where one is missing",
  read: readNamed,
  take: takeNamed,
  join: (columns) => ({
    kind: "categories",
    ...agreed(columns, "names or levels", ({ names, levels }) => ({ names, levels })),
    ...joinNamed(Int32Array, columns),
  }),
  *content(column) {
    yield* contentHead(column, [column.names, column.levels]);
    yield bytesOf(column.values);
  },
  describe: (column) => ({ categories: column.names.map((_, index) => describeCategory(column, index)) }),
};
