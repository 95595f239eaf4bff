import { VesaliusError } from "../common/errors.ts";
import { fewOf } from "../data/columns/few-of.ts";
import { rareNames } from "../data/dataset/rare-names.ts";
import { kindOf, type Split } from "../data/index.ts";

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

/** Position among the model's classes of each of the data's; -1 for one that is left out. */
function positions(
  found: readonly string[],
  names: readonly string[],
  mapping: ClassMapping,
  rare: ReadonlySet<string>,
  where: string,
): number[] {
  return found.map((name) => {
    const target = Object.hasOwn(mapping, name) ? mapping[name]! : name;
    if (target === null) return -1;
    const position = names.indexOf(target);
    if (position >= 0) return position;
    throw new VesaliusError("bad-data", `the class ${fewOf([name], rare)} of the data is none that the model knows`, {
      where,
      fix: `say which of ${names.join(", ")} it is, or that it is left out`,
    });
  });
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
  if (column === undefined) return split;
  const kind = kindOf(column);
  const found = kind.classNames?.(column);
  if (found === undefined) return split;
  if (found.length === names.length && found.every((one, index) => one === names[index])) return split;
  const rare = rareNames([split], name);
  const where = `column ${name} of split ${split.name}`;
  if (mapping === undefined) {
    throw new VesaliusError(
      "bad-data",
      `the model tells ${names.join(", ")} apart; the data have ${fewOf(found, rare)}`,
      {
        where,
        fix: "evaluate on data with the model's classes in the same order, or say which class is which",
      },
    );
  }
  const to = positions(found, names, mapping, rare, where);
  return { ...split, columns: { ...split.columns, [name]: kind.withClasses!(column, names, to, where) } };
}
