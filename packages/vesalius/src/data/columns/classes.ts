import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { joinArrays, takeArrays } from "./arrays.ts";
import { fewOf, namesWith } from "./few-of.ts";
import { agreed, bytesOf, contentHead, isPresent, presence, readRows, shared } from "./storage.ts";

/** One class of several for each example. */
export interface ClassesColumn extends Column {
  readonly kind: "classes";
  /** Names by class index. */
  readonly names: readonly string[];
  /** Whether the classes have an order (grade, stage). */
  readonly ordered: boolean;
  /** `[length]` class indices; 0 where one is missing. */
  readonly values: Int32Array;
}

/**
 * A column of class indices.
 *
 * @param names class names by index
 * @param values `[length]` class indices; null or -1 where there is none
 * @throws VesaliusError `bad-data` for an index without a name, or two classes of one name
 */
export function classesColumn(
  names: readonly string[],
  values: ArrayLike<number | null>,
  options: { readonly ordered?: boolean } = {},
): ClassesColumn {
  if (new Set(names).size < names.length) throw new VesaliusError("bad-data", "two classes have the same name");
  const given = Array.from(values, (value) => value ?? -1);
  const row = given.findIndex((value) => !Number.isInteger(value) || value < -1 || value >= names.length);
  if (row >= 0) {
    throw new VesaliusError("bad-data", `the class index ${given[row]} is outside the ${names.length} classes`, {
      where: `row ${row + 1}`,
    });
  }
  return {
    kind: "classes",
    length: given.length,
    names,
    ordered: options.ordered ?? false,
    values: shared(Int32Array.from(given, (value) => Math.max(value, 0))),
    ...presence(given.map((value) => value >= 0)),
  };
}

/** The class of values that are no class of their own; it may be without training examples, and then is never right. */
export const OTHER_CLASS = "(other)";

/** Number of examples of each class, `[names]`. */
export function classCounts(column: ClassesColumn): number[] {
  const counts = column.names.map(() => 0);
  for (const [row, value] of column.values.entries()) if (isPresent(column, row)) counts[value]!++;
  return counts;
}

/** Classes: their equality says nothing of identity. */
export const classes: ColumnKind<ClassesColumn, number> = {
  kind: "classes",
  summary: "one class of several, read as its index",
  read: (column, rows) => readRows(column, rows, (row) => column.values[row]!),
  take: (column, rows) => takeArrays(column, rows, ["values"]),
  join: (columns) => ({
    ...joinArrays(columns, ["values"]),
    ...agreed(columns, "class names", ({ names, ordered }) => ({ names, ordered })),
  }),
  strata: (column) => column.values.map((value, row) => (isPresent(column, row) ? value : -1)),
  unused: (column) => {
    const counts = classCounts(column);
    return column.names.filter((name, index) => counts[index] === 0 && name !== OTHER_CLASS);
  },
  classNames: ({ names }) => names,
  withClasses: (column, names, to) => ({
    ...column,
    names,
    values: column.values.map((value) => Math.max(0, to[value]!)),
    present: Uint8Array.from(column.values, (value, row) => (isPresent(column, row) && to[value]! >= 0 ? 1 : 0)),
  }),
  classExamples: classCounts,
  lacking(column, rare) {
    const counts = classCounts(column);
    const present = counts.filter((count) => count > 0).length;
    if (present === 1)
      return `all examples are of the class ${fewOf([column.names[counts.findIndex((count) => count > 0)]!], rare)}`;
    const absent = column.names.filter((name, index) => counts[index] === 0 && name !== OTHER_CLASS);
    return present === 0 || absent.length === 0 ? undefined : `no example has the class ${fewOf(absent, rare)}`;
  },
  *content(column) {
    yield* contentHead(column, [column.names, column.ordered]);
    yield bytesOf(column.values);
  },
  describe: (column, rare) => ({
    ordered: column.ordered ? "yes" : "no",
    classes: namesWith(column.names, classCounts(column), rare),
  }),
};
