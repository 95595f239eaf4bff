import { requireCases, requireLength } from "../input-checks.ts";

/** How often each group of one division meets each group of another. */
export interface Contingency {
  /** `[rows, columns]`. */
  readonly counts: Float64Array;
  /** `[rows]` and `[columns]` sizes of the groups. */
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  readonly total: number;
}

/** The two divisions with their groups numbered once for all resamples. */
export interface TwoDivisions {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly sizes: readonly [number, number];
}

function numbered(groups: ArrayLike<number | string>): { readonly index: Int32Array; readonly size: number } {
  const numbers = new Map<number | string, number>();
  const index = Int32Array.from({ length: groups.length }, (_, row) => {
    const group = groups[row]!;
    if (!numbers.has(group)) numbers.set(group, numbers.size);
    return numbers.get(group)!;
  });
  return { index, size: numbers.size };
}

/** Throws `bad-data` for no cases, `shape-mismatch` for unequal lengths. */
export function prepareDivisions(first: ArrayLike<number | string>, second: ArrayLike<number | string>): TwoDivisions {
  requireCases(first.length);
  requireLength(second.length, first.length, "clusters");
  const [a, b] = [numbered(first), numbered(second)];
  return { first: a.index, second: b.index, sizes: [a.size, b.size] };
}

/** Counts the meetings; groups that the weights leave empty are dropped. */
export function countMeetings({ first, second, sizes }: TwoDivisions, weights?: ArrayLike<number>): Contingency {
  const all = new Float64Array(sizes[0] * sizes[1]);
  for (let row = 0; row < first.length; row++) {
    all[first[row]! * sizes[1] + second[row]!]! += weights === undefined ? 1 : weights[row]!;
  }
  const sumOf = (length: number, at: (i: number) => number) =>
    Array.from({ length }, (_, i) => at(i)).reduce((sum, value) => sum + value, 0);
  const rowSums = Array.from({ length: sizes[0] }, (_, i) => sumOf(sizes[1], (j) => all[i * sizes[1] + j]!));
  const columnSums = Array.from({ length: sizes[1] }, (_, j) => sumOf(sizes[0], (i) => all[i * sizes[1] + j]!));
  const kept = (sums: readonly number[]) => sums.flatMap((sum, i) => (sum > 0 ? [i] : []));
  const [rows, columns] = [kept(rowSums), kept(columnSums)];
  return {
    counts: Float64Array.from(rows.flatMap((i) => columns.map((j) => all[i * sizes[1] + j]!))),
    rows: Float64Array.from(rows, (i) => rowSums[i]!),
    columns: Float64Array.from(columns, (j) => columnSums[j]!),
    total: rowSums.reduce((sum, value) => sum + value, 0),
  };
}
