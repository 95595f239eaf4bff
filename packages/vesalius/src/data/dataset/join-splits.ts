import { VesaliusError } from "../../common/errors.ts";
import { kindOf } from "../columns/index.ts";
import type { Split } from "../split.ts";

/** How {@link joinSplits} names what it makes. */
export interface JoinOptions {
  /** Name of the joined split; the first one's unless told. */
  readonly name?: string;
  /** Put in front of the ids and groups of each split, so that patient 1 of two sets stays two patients. */
  readonly prefixes?: readonly string[];
}

/**
 * Splits one after the other. Columns must have the same names; attributes that one split lacks are null there. Where
 * only some have groups, the examples of the others are groups of their own.
 *
 * @throws VesaliusError `bad-argument` without splits; `bad-data` where columns do not fit together or an id occurs twice
 */
export function joinSplits(splits: readonly Split[], options: JoinOptions = {}): Split {
  const [first] = splits;
  if (first === undefined) throw new VesaliusError("bad-argument", "there are no splits to join");
  const { prefixes = [] } = options;
  const names = Object.keys(first.columns);
  for (const { name, columns } of splits) {
    const others = Object.keys(columns);
    if (others.length !== names.length || names.some((column) => !Object.hasOwn(columns, column))) {
      throw new VesaliusError(
        "bad-data",
        `one split has the columns ${names.join(", ")}, another ${others.join(", ")}`,
        {
          where: `splits ${first.name} and ${name}`,
          fix: "join splits with the same columns",
        },
      );
    }
  }
  const named = (values: readonly string[], index: number): string[] =>
    values.map((value) => (prefixes[index] === undefined ? value : `${prefixes[index]}/${value}`));
  const ids = splits.flatMap((split, index) => named(split.ids, index));
  if (new Set(ids).size < ids.length) {
    throw new VesaliusError("bad-data", "an id occurs in two of the splits", {
      where: splits.map(({ name }) => name).join(", "),
      fix: "give prefixes that keep them apart",
    });
  }
  const attributes = [...new Set(splits.flatMap((split) => Object.keys(split.attributes)))];
  return {
    name: options.name ?? first.name,
    length: splits.reduce((sum, { length }) => sum + length, 0),
    ids,
    groups: splits.some(({ groups }) => groups !== undefined)
      ? splits.flatMap((split, index) => named(split.groups ?? split.ids, index))
      : undefined,
    attributes: Object.fromEntries(
      attributes.map((attribute) => [
        attribute,
        splits.flatMap((split) => split.attributes[attribute] ?? Array<null>(split.length).fill(null)),
      ]),
    ),
    columns: Object.fromEntries(
      names.map((name) => [name, kindOf(first.columns[name]!).join(splits.map(({ columns }) => columns[name]!))]),
    ),
  };
}
