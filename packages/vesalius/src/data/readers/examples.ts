import type { Column } from "../column.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Split } from "../split.ts";

/** Makes a column for the rows of one split; what all splits must agree on was decided before. */
export type ColumnMaker = (rows: readonly number[]) => Column | Promise<Column>;

/** Everything about the examples of a dataset before they are put into their splits, row by row. */
export interface Examples {
  /** Split of each row. */
  readonly splits: readonly string[];
  readonly ids: readonly string[];
  readonly groups: readonly string[] | undefined;
  readonly attributes: Readonly<Record<string, readonly (string | number | null)[]>>;
  readonly columns: Readonly<Record<string, ColumnMaker>>;
}

/** More kinds of split than anybody has; the column that is taken for the split holds something else. */
const MOST_SPLITS = 20;

/**
 * Puts examples into their splits, training first, in the order of their rows.
 *
 * @throws VesaliusError `bad-data` where there are implausibly many splits
 */
export async function dividedBySplit(examples: Examples, where: string): Promise<Record<string, Split>> {
  const { ids, groups, attributes, columns } = examples;
  const rowsOf = new Map<string, number[]>();
  for (const [row, name] of examples.splits.entries()) {
    const rows = rowsOf.get(name);
    if (rows === undefined) rowsOf.set(name, [row]);
    else rows.push(row);
  }
  if (rowsOf.size > MOST_SPLITS) {
    throw new VesaliusError("bad-data", `the column of splits names ${rowsOf.size} different ones`, {
      where,
      fix: (option) => `write train, validation and test, or name another column with ${option("splitColumn")}`,
    });
  }
  const order = ["train", "validation", "test"];
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const names = [...rowsOf.keys()].sort((a, b) => rank(a) - rank(b));
  const splits: Record<string, Split> = {};
  for (const name of names) {
    const rows = rowsOf.get(name)!;
    const take = <Value>(values: readonly Value[]): Value[] => rows.map((row) => values[row]!);
    const made: Record<string, Column> = {};
    for (const [column, make] of Object.entries(columns)) made[column] = await make(rows);
    splits[name] = {
      name,
      length: rows.length,
      ids: take(ids),
      groups: groups && take(groups),
      attributes: Object.fromEntries(Object.entries(attributes).map(([key, values]) => [key, take(values)])),
      columns: made,
    };
  }
  return splits;
}
