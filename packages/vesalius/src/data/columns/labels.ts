import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { fewOf, namesWith } from "./few-of.ts";
import { joinNamed, readNamed, takeNamed } from "./named-values.ts";
import { agreed, bytesOf, checkLengths, contentHead, shared } from "./storage.ts";

/** Several labels that an example may have at once. */
export interface LabelsColumn extends Column {
  readonly kind: "labels";
  readonly names: readonly string[];
  /** `[length, names]`: 1 given, 0 not given, -1 not annotated. */
  readonly values: Int8Array;
}

/**
 * A column of several labels at once.
 *
 * @param values `[length, names]`, each 1, 0, or -1 where it was not annotated
 * @throws VesaliusError `shape-mismatch`, or `bad-data` for another value or two labels of one name
 */
export function labelsColumn(names: readonly string[], length: number, values: Int8Array): LabelsColumn {
  if (new Set(names).size < names.length) throw new VesaliusError("bad-data", "two labels have the same name");
  checkLengths("labels", length * names.length, { values: values.length });
  const wrong = values.findIndex((value) => value < -1 || value > 1);
  if (wrong >= 0) {
    throw new VesaliusError("bad-data", "a label is neither 1, 0 nor -1 (not annotated)", {
      where: `row ${Math.floor(wrong / names.length) + 1}, label ${names[wrong % names.length]}`,
    });
  }
  return { kind: "labels", length, names, values: shared(values) };
}

/** How often each label is given, and annotated at all. */
function labelCounts(column: LabelsColumn): { given: number; annotated: number }[] {
  const counts = column.names.map(() => ({ given: 0, annotated: 0 }));
  for (const [i, value] of column.values.entries()) {
    const count = counts[i % column.names.length]!;
    if (value >= 0) count.annotated++;
    if (value === 1) count.given++;
  }
  return counts;
}

/** Labels: their equality says nothing of identity. */
export const labels: ColumnKind<LabelsColumn, Int8Array> = {
  kind: "labels",
  summary: "several labels at once, read as 1, 0 and -1 (not annotated) by label",
  read: readNamed,
  take: takeNamed,
  join: (columns) => ({
    kind: "labels",
    names: agreed(columns, "labels", ({ names }) => names),
    ...joinNamed(Int8Array, columns),
  }),
  unused: (column) => {
    const given = new Uint8Array(column.names.length);
    for (const [i, value] of column.values.entries()) if (value === 1) given[i % given.length] = 1;
    return column.names.filter((_, label) => given[label] === 0);
  },
  lacking({ names, values }, rare) {
    const found = names.map(() => new Set<number>());
    for (const [i, value] of values.entries()) found[i % names.length]!.add(value);
    const one = names.filter((_, label) => !found[label]!.has(1) || !found[label]!.has(0));
    return one.length === 0 ? undefined : `no two examples differ in the label ${fewOf(one, rare)}`;
  },
  classNames: ({ names }) => names,
  withClasses: (column, names, to) => {
    const values = new Int8Array(column.length * names.length).fill(-1);
    for (let row = 0; row < column.length; row++) {
      for (const [label, position] of to.entries()) {
        const at = row * names.length + position;
        // Where several labels of the data are one of the model's, it is given where any of them is.
        if (position >= 0) values[at] = Math.max(values[at]!, column.values[row * to.length + label]!);
      }
    }
    return { ...column, names, values };
  },
  *content(column) {
    yield* contentHead(column, column.names);
    yield bytesOf(column.values);
  },
  classExamples: (column) => labelCounts(column).map(({ given }) => given),
  describe: (column, rare) => {
    const said = labelCounts(column).map(({ given, annotated }) => `${given} of ${annotated}`);
    return { labels: namesWith(column.names, said, rare) };
  },
};
