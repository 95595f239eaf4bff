import { allRows } from "./ranking.ts";

/** Rows of a column by rising value, sorted once for all resamples. */
export interface SortedColumn {
  /** `[count]` rows by rising value. */
  readonly order: Int32Array;
  /** `[distinct]` the distinct values, rising. */
  readonly distinct: Float64Array;
  /** `[distinct]` position in `order` after the last row of each. */
  readonly ends: Int32Array;
}

/** Sorts a column and groups equal values. */
export function sortColumn(values: ArrayLike<number>): SortedColumn {
  const order = allRows(values.length).sort((a, b) => values[a]! - values[b]!);
  const distinct: number[] = [];
  const ends: number[] = [];
  for (const [i, row] of order.entries()) {
    if (i + 1 < order.length && values[order[i + 1]!] === values[row]) continue;
    distinct.push(values[row]!);
    ends.push(i + 1);
  }
  return { order, distinct: Float64Array.from(distinct), ends: Int32Array.from(ends) };
}

/** Rows of the group at a position among the distinct values. */
export const rowsOfGroup = ({ order, ends }: SortedColumn, group: number): Int32Array =>
  order.subarray(group === 0 ? 0 : ends[group - 1], ends[group]);
