import { VesaliusError } from "../../../common/errors.ts";
import type { Column } from "../../column.ts";
import type { CategoriesColumn } from "../../columns/categories.ts";
import type { NumbersColumn } from "../../columns/numbers.ts";

/** Levels of categories by name, in order. */
export type Levels = Record<string, string[]>;

/** A column whose values are several under names of their own. */
type NamedColumn = Column & { readonly names: readonly string[] };

/** Where a name stands: which column, which of its values. */
export interface NamedPlace {
  readonly column: number;
  readonly index: number;
}

/**
 * Places of all names of columns.
 *
 * @throws VesaliusError `bad-data` for a name that two values have
 */
export function namedPlaces(columns: readonly Column[]): ReadonlyMap<string, NamedPlace> {
  const places = new Map<string, NamedPlace>();
  (columns as readonly NamedColumn[]).forEach(({ names }, column) => {
    names.forEach((name, index) => {
      if (places.has(name))
        throw new VesaliusError("bad-data", `two values are called ${name}`, {
          fix: "rename one of them, or read one of the columns only",
        });
      places.set(name, { column, index });
    });
  });
  return places;
}

/**
 * Places of given names.
 *
 * @throws VesaliusError `bad-data` naming those that are absent
 */
export function requirePlaces(names: readonly string[], columns: readonly Column[]): NamedPlace[] {
  const places = namedPlaces(columns);
  const absent = names.filter((name) => !places.has(name));
  if (absent.length > 0)
    throw new VesaliusError("bad-data", `the data have no ${absent.join(", ")}`, {
      fix: `the model reads ${names.join(", ")}; the data have ${[...places.keys()].join(", ")}`,
    });
  return names.map((name) => places.get(name)!);
}

const indicator = (name: string, level: string): string => `${name}=${level}`;

/** The values of a record under the names of an encoder, NaN where one is missing. */
export interface PreparedRecord {
  readonly values: Float32Array;
  /** Which variable each value belongs to, counted from 0: the indicators of one category are one variable. */
  readonly variables: Int32Array;
}

/** The names that are indicators of levels, with the category of each. */
export const indicatorsAmong = (names: readonly string[], levels: Levels): ReadonlyMap<string, string> => {
  const owners = new Map(
    Object.entries(levels).flatMap(([name, known]) => known.map((level) => [indicator(name, level), name] as const)),
  );
  return new Map(names.flatMap((name) => (owners.has(name) ? [[name, owners.get(name)!] as const] : [])));
};

/** Which variable each of the names belongs to; see {@link PreparedRecord}. */
export function variablesOf(names: readonly string[], levels: Levels): Int32Array {
  const owners = indicatorsAmong(names, levels);
  const all = names.map((name) => owners.get(name) ?? name);
  const numbered = new Map([...new Set(all)].map((name, i) => [name, i]));
  return Int32Array.from(all, (name) => numbered.get(name)!);
}

/** Names of the numbers that columns of numbers and categories give: each number, and an indicator of each level. */
export const recordNames = (columns: readonly Column[], levels: Levels): string[] =>
  columns.flatMap((column) =>
    column.kind === "categories"
      ? (column as CategoriesColumn).names.flatMap((name) => levels[name]!.map((level) => indicator(name, level)))
      : (column as NumbersColumn).names,
  );

/** Levels of the categories among columns. */
export const levelsOf = (columns: readonly Column[]): Levels =>
  Object.fromEntries(
    columns.flatMap((column) =>
      column.kind === "categories"
        ? (column as CategoriesColumn).names.map(
            (name, i) => [name, [...(column as CategoriesColumn).levels[i]!]] as const,
          )
        : [],
    ),
  );

/** Where the level indices of a column lead among the levels that are known, -1 for others. */
export const levelMap = (own: readonly string[], known: readonly string[]): Int32Array =>
  Int32Array.from(own, (level) => known.indexOf(level));

/**
 * Makes what reads the values of one example (one array for each column) as numbers under given names; NaN where one is
 * missing, and for all indicators of a category whose level is not known.
 *
 * @throws VesaliusError `bad-data` naming numbers and categories that the columns do not have, and later for an infinite
 * value
 */
export function recordReader(
  names: readonly string[],
  levels: Levels,
  columns: readonly Column[],
): (values: readonly unknown[]) => Float32Array {
  const variables = new Map(
    Object.entries(levels).flatMap(([name, known]) =>
      known.map((level, index) => [indicator(name, level), { name, index }] as const),
    ),
  );
  const sources = names.map((name) => variables.get(name)?.name ?? name);
  const places = requirePlaces([...new Set(sources)], columns);
  const placeOf = new Map([...new Set(sources)].map((name, i) => [name, places[i]!]));
  const readers = names.map((name, i) => {
    const { column, index } = placeOf.get(sources[i]!)!;
    const variable = variables.get(name);
    if (variable === undefined) return (values: readonly unknown[]) => (values[column] as Float32Array)[index]!;
    const map = levelMap((columns[column] as CategoriesColumn).levels[index]!, levels[variable.name]!);
    return (values: readonly unknown[]): number => {
      const level = (values[column] as Int32Array)[index]!;
      const known = level < 0 ? -1 : map[level]!;
      return known < 0 ? Number.NaN : Number(known === variable.index);
    };
  });
  return (values) =>
    Float32Array.from(readers, (read, i) => {
      const value = read(values);
      if (Number.isFinite(value) || Number.isNaN(value)) return value;
      throw new VesaliusError("bad-data", `a value of ${names[i]} is infinite`, {
        fix: "correct it, or mark it as missing (NaN)",
      });
    });
}
