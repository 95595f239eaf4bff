import { VesaliusError } from "../common/errors.ts";
import type { Column, Split } from "../data/index.ts";
import type { LabelsColumn } from "../data/columns/labels.ts";
import type { ClassesColumn } from "../data/columns/classes.ts";
import type { MasksColumn } from "../data/columns/masks.ts";
import type { SpansColumn } from "../data/columns/spans.ts";

/** Classes that a task tells apart, and the column of the data that names them too. */
export interface TaskClasses {
  readonly column: string;
  readonly names: readonly string[];
}

/**
 * Which class of the model each class of the data is; null leaves it out, as not known. Classes that are not listed are
 * those of the same name.
 */
export type ClassMapping = Readonly<Record<string, string | null>>;

type ClassColumn = ClassesColumn | LabelsColumn | MasksColumn | SpansColumn;

/** Names of the classes of a column, by class index; undefined for a column without classes. */
function namesOf(column: Column | undefined): readonly string[] | undefined {
  const { kind } = column ?? {};
  if (kind === "classes" || kind === "labels") return (column as ClassesColumn | LabelsColumn).names;
  if (kind === "masks") return (column as MasksColumn).classes;
  return kind === "spans" ? (column as SpansColumn).types : undefined;
}

/** Position among the model's classes of each of the data's; -1 for one that is left out. */
function positions(found: readonly string[], names: readonly string[], mapping: ClassMapping, where: string): number[] {
  return found.map((name) => {
    const target = Object.hasOwn(mapping, name) ? mapping[name]! : name;
    if (target === null) return -1;
    const position = names.indexOf(target);
    if (position >= 0) return position;
    throw new VesaliusError("bad-data", `the class ${name} of the data is none that the model knows`, {
      where,
      fix: `say which of ${names.join(", ")} it is, or that it is left out`,
    });
  });
}

function mappedMasks(column: MasksColumn, names: readonly string[], to: readonly number[], where: string): MasksColumn {
  if (to.some((position) => position < 0) || new Set(to).size < to.length) {
    throw new VesaliusError("bad-data", "classes of masks can be renamed and reordered, not left out or merged", {
      where,
      fix: "give each class of the data a class of its own",
    });
  }
  const values = column.fileValues ?? column.classes.map((_, index) => index);
  return {
    ...column,
    classes: names,
    // A class that the data do not have has no value in their files.
    fileValues: names.map((_, position) => (to.includes(position) ? values[to.indexOf(position)]! : NaN)),
    items: column.items.map((item) =>
      item === null || !(item.data instanceof Uint8Array)
        ? item
        : { ...item, data: item.data.map((value) => to[value]!) },
    ),
  };
}

function mappedLabels(column: LabelsColumn, names: readonly string[], to: readonly number[]): LabelsColumn {
  const values = new Int8Array(column.length * names.length).fill(-1);
  for (let row = 0; row < column.length; row++) {
    for (const [label, position] of to.entries()) {
      const at = row * names.length + position;
      // Where several labels of the data are one of the model's, it is given where any of them is.
      if (position >= 0) values[at] = Math.max(values[at]!, column.values[row * to.length + label]!);
    }
  }
  return { ...column, names, values };
}

function mapped(column: ClassColumn, names: readonly string[], to: readonly number[], where: string): ClassColumn {
  if (column.kind === "masks") return mappedMasks(column, names, to, where);
  if (column.kind === "labels") return mappedLabels(column, names, to);
  if (column.kind === "spans") {
    if (to.some((position) => position < 0)) {
      throw new VesaliusError("bad-data", "a type of spans cannot be left out, as it would count as invented", {
        where,
        fix: "say which type of the model it is",
      });
    }
    return { ...column, types: names, typeOf: column.typeOf.map((type) => to[type]!) };
  }
  const present = Uint8Array.from(column.values, (value, row) =>
    column.present?.[row] === 0 || to[value]! < 0 ? 0 : 1,
  );
  return { ...column, names, values: column.values.map((value) => Math.max(0, to[value]!)), present };
}

/**
 * A split whose classes are the model's, by name and order.
 *
 * @param mapping how the data's classes are the model's; without one they must be the same in the same order
 * @throws VesaliusError `bad-data` where classes differ and nothing says how they belong together, or a class of the data
 * is none of the model's
 */
export function withClassesOf(
  split: Split,
  classes: TaskClasses | undefined,
  mapping: ClassMapping | undefined,
): Split {
  if (classes === undefined) return split;
  const { column: name, names } = classes;
  const column = split.columns[name];
  const found = namesOf(column);
  if (found === undefined) return split;
  if (found.length === names.length && found.every((one, index) => one === names[index])) return split;
  const where = `column ${name} of split ${split.name}`;
  if (mapping === undefined) {
    throw new VesaliusError(
      "bad-data",
      `the model tells ${names.join(", ")} apart; the data have ${found.join(", ")}`,
      {
        where,
        fix: "evaluate on data with the model's classes in the same order, or say which class is which",
      },
    );
  }
  const to = positions(found, names, mapping, where);
  return { ...split, columns: { ...split.columns, [name]: mapped(column as ClassColumn, names, to, where) } };
}
