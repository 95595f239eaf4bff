import { namesPeople } from "../../data/files/people.ts";
import { tellsApart } from "../../data/telling-apart.ts";
import { quantileOfSorted } from "./quantile.ts";

/** A column of a table: one value per case, null where it is not known. */
export type AttributeColumn = readonly (string | number | null)[];

/** Cases that share a value, or a range of values, of one attribute. */
export interface Subgroup {
  readonly name: string;
  /** Case positions, rising. */
  readonly rows: Int32Array;
}

/** How an attribute divides the cases. */
export interface Division {
  /** In words, for the reader of a report. */
  readonly description: string;
  readonly subgroups: readonly Subgroup[];
  /** Number of cases without a value. */
  readonly missing: number;
  /** Values that are not shown, since there are too many or too few cases have them, and their cases. */
  readonly omitted: { readonly subgroups: number; readonly cases: number };
}

/** More subgroups than this say nothing to a reader, and each would hold few cases. */
export const largestNumberOfSubgroups = 12;

/** A number column with at most this many different values is a code (site 1, 2, 3), not a measurement. */
const largestNumberOfCodes = 5;

/** A value that fewer cases (or groups, such as patients) have could tell who they are: it is not shown. */
const smallestShown = 5;

/** Smaller numbers are codes (grades, numbers of centres) that are nobody's. */
const leastTellingNumber = 1000;

/** Ages at which clinical reports usually divide adults, in years. */
const clinicalAges = [40, 60, 80] as const;

const isMissing = (value: string | number | null): value is null =>
  value === null || value === "" || (typeof value === "number" && !Number.isFinite(value));

/** Groups rows by a name; rows for which the name is undefined are left out. */
function groupRows(column: AttributeColumn, nameOf: (value: string | number) => string): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, value] of column.entries()) {
    if (isMissing(value)) continue;
    const name = nameOf(value);
    const members = rows.get(name);
    if (members === undefined) rows.set(name, [row]);
    else members.push(row);
  }
  return rows;
}

const asSubgroups = (rows: Map<string, number[]>, names: readonly string[]): Subgroup[] =>
  names.flatMap((name) => {
    const members = rows.get(name);
    return members === undefined ? [] : [{ name, rows: Int32Array.from(members) }];
  });

function divideByValue(column: AttributeColumn, missing: number, groups?: readonly string[]): Division {
  const rows = groupRows(column, String);
  const bySize = [...rows].sort(([a, first], [b, second]) => second.length - first.length || (a < b ? -1 : 1));
  const isShown = ([name, members]: (typeof bySize)[number], place: number): boolean =>
    place < largestNumberOfSubgroups &&
    (Math.abs(Number(name)) < leastTellingNumber ||
      (groups === undefined ? members : [...new Set(members.map((row) => groups[row]!))]).length >= smallestShown);
  const kept = bySize.filter(isShown).map(([name]) => name);
  const dropped = bySize.filter((one, place) => !isShown(one, place));
  const numbers = column.every((value) => isMissing(value) || typeof value === "number");
  kept.sort((a, b) => (numbers ? Number(a) - Number(b) : a < b ? -1 : 1));
  return {
    description: "by value",
    subgroups: asSubgroups(rows, kept),
    missing,
    omitted: { subgroups: dropped.length, cases: dropped.reduce((sum, [, members]) => sum + members.length, 0) },
  };
}

function divideByAge(column: AttributeColumn, missing: number): Division {
  const [young, middle, old] = clinicalAges;
  const names = [`under ${young}`, `${young} to ${middle}`, `${middle} to ${old}`, `${old} and over`];
  const rows = groupRows(column, (value) => names[clinicalAges.filter((age) => Number(value) >= age).length]!);
  return {
    description: "by age in years, each range without its upper end",
    subgroups: asSubgroups(rows, names),
    missing,
    omitted: { subgroups: 0, cases: 0 },
  };
}

function divideAtQuartiles(column: AttributeColumn, missing: number): Division {
  const sorted = Float64Array.from(column.flatMap((value) => (isMissing(value) ? [] : [Number(value)]))).sort();
  const quartiles = [0.25, 0.5, 0.75].map((share) => Number(quantileOfSorted(sorted, share).toPrecision(6)));
  // A quartile at the largest value would leave nothing above it.
  const cuts = [...new Set(quartiles)].filter((cut) => cut < sorted.at(-1)!);
  if (cuts.length === 0) return divideByValue(column, missing);
  const names = [
    `up to ${cuts[0]}`,
    ...cuts.slice(1).map((cut, i) => `above ${cuts[i]} to ${cut}`),
    `above ${cuts.at(-1)}`,
  ];
  const rows = groupRows(column, (value) => names[cuts.filter((cut) => Number(value) > cut).length]!);
  return {
    description: "at the quartiles of these cases",
    subgroups: asSubgroups(rows, names),
    missing,
    omitted: { subgroups: 0, cases: 0 },
  };
}

/**
 * Divides cases by an attribute: text and codes by value (the 12 most frequent), a column named `age` at 40, 60 and 80
 * years, any other number column at its quartiles. What says who somebody is does not stand in a report: nothing is divided
 * by a column that is called so, or of which most cases (or groups) have a value of their own, and values that fewer than
 * five have are not shown.
 *
 * @param name the column's name.
 * @param column one value per case; null, empty text and NaN stand for a missing value.
 * @param groups patient of each case, where it is known.
 */
export function divideByAttribute(name: string, column: AttributeColumn, groups?: readonly string[]): Division {
  const known = column.filter((value) => !isMissing(value));
  const missing = column.length - known.length;
  const people = namesPeople(name);
  if (people || tellsApart(column, groups)) {
    const omitted = { subgroups: new Set(known).size, cases: known.length };
    const why = people ? "it names people" : "most cases have a value of their own";
    return { description: `not at all, as ${why}`, subgroups: [], missing, omitted };
  }
  const numeric = known.length > 0 && known.every((value) => typeof value === "number");
  if (numeric && name.toLowerCase() === "age") return divideByAge(column, missing);
  if (numeric && new Set(known).size > largestNumberOfCodes) return divideAtQuartiles(column, missing);
  return divideByValue(column, missing, groups);
}
