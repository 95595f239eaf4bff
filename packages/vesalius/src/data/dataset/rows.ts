import { VesaliusError } from "../../common/errors.ts";
import type { Column } from "../column.ts";
import { type ColumnKindName, kindOf, type StoredColumnOf } from "../columns/index.ts";
import { isPresent } from "../columns/storage.ts";
import type { ReferencesColumn } from "../columns/references.ts";
import type { Example, Split } from "../split.ts";

/**
 * The column behind a name. `relevant.text` is the column `text` of the table that the references of the column
 * `relevant` lead to, row by row the first reference of the highest grade.
 *
 * @throws VesaliusError `bad-data` where there is no such column, naming those that there are
 */
export function columnNamed(split: Pick<Split, "name" | "columns">, name: string): Column {
  if (Object.hasOwn(split.columns, name)) return split.columns[name]!;
  const dot = name.indexOf(".");
  const reference = dot < 0 ? undefined : split.columns[name.slice(0, dot)];
  if (reference?.kind === "references") return referredColumn(reference as ReferencesColumn, name.slice(dot + 1));
  throw new VesaliusError("bad-data", `there is no column ${name}`, {
    where: `split ${split.name}`,
    fix: `say which column is meant (there are ${Object.keys(split.columns).join(", ") || "none"})`,
  });
}

function referredColumn(references: ReferencesColumn, name: string): Column {
  const { entries, offsets, rows, grades, length } = references;
  const first: number[] = [];
  const flags = new Uint8Array(length);
  for (let row = 0; row < length; row++) {
    let best = -1;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      if (best < 0 || (grades?.[at] ?? 1) > (grades?.[best] ?? 1)) best = at;
    }
    first.push(best < 0 ? 0 : rows[best]!);
    flags[row] = best < 0 ? 0 : 1;
  }
  const column = columnNamed(entries, name);
  const taken = kindOf(column).take(column, first);
  for (let row = 0; row < length; row++) if (!isPresent(taken, row)) flags[row] = 0;
  return flags.every((flag) => flag === 1) ? taken : { ...taken, present: flags };
}

/**
 * A column that must be of one of some kinds.
 *
 * @throws VesaliusError `bad-data` where there is no such column or it is of another kind
 *
 * @example
 * const { names, values } = columnOf(split, "label", "classes");
 */
export function columnOf<Name extends ColumnKindName>(
  split: Split,
  name: string,
  ...kinds: readonly [Name, ...Name[]]
): StoredColumnOf<Name> {
  const column = columnNamed(split, name);
  if (!(kinds as readonly string[]).includes(column.kind)) {
    throw new VesaliusError("bad-data", `the column ${name} holds ${column.kind}, not ${kinds.join(" or ")}`, {
      where: `split ${split.name}`,
    });
  }
  return column as StoredColumnOf<Name>;
}

/**
 * The examples at `rows` as a split of its own, in that order, with everything that belongs to them.
 *
 * @param rows positions in `split`, each in [0, split.length)
 * @throws VesaliusError `bad-argument` for a position outside the split
 */
export function takeRows(split: Split, rows: ArrayLike<number>): Split {
  const positions = Array.from(rows);
  const outside = positions.find((row) => !Number.isInteger(row) || row < 0 || row >= split.length);
  if (outside !== undefined) {
    throw new VesaliusError("bad-argument", `there is no row ${outside} in a split of ${split.length}`, {
      where: split.name,
    });
  }
  const take = <Value>(values: readonly Value[]): Value[] => positions.map((row) => values[row]!);
  return {
    name: split.name,
    length: positions.length,
    ids: take(split.ids),
    groups: split.groups && take(split.groups),
    attributes: mapValues(split.attributes, take),
    columns: mapValues(split.columns, (column) => kindOf(column).take(column, positions)),
  };
}

/** The same names with other values. */
const mapValues = <Value, Mapped>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value, name: string) => Mapped,
): Record<string, Mapped> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));

/**
 * Values of some columns, example by example; null where one is missing.
 *
 * @param names of columns, or `reference.column`; see {@link columnNamed}
 */
export async function readExamples(
  split: Split,
  names: readonly string[],
  rows: ArrayLike<number>,
): Promise<Example[]> {
  const values = await Promise.all(
    names.map((name) => {
      const column = columnNamed(split, name);
      return kindOf(column).read(column, rows);
    }),
  );
  return Array.from(rows, (_, i) => Object.fromEntries(names.map((name, column) => [name, values[column]![i]])));
}
