import { type Contingency } from "./contingency.ts";

/** `[upTo + 1]` logarithms of the factorials. */
function logFactorials(upTo: number): Float64Array {
  const logarithms = new Float64Array(upTo + 1);
  for (let n = 2; n <= upTo; n++) logarithms[n] = logarithms[n - 1]! + Math.log(n);
  return logarithms;
}

/**
 * Mutual information to expect of two divisions with groups of these sizes that have nothing to do with each other: the
 * sum over the hypergeometric distribution of each cell (Vinh, Epps and Bailey 2010, equation 24a).
 */
export function expectedMutualInformation({ rows, columns, total }: Contingency): number {
  const log = logFactorials(total);
  let sum = 0;
  for (const row of rows) {
    for (const column of columns) {
      const fixed = log[row]! + log[column]! + log[total - row]! + log[total - column]! - log[total]!;
      for (let count = Math.max(1, row + column - total); count <= Math.min(row, column); count++) {
        const logShare =
          fixed - log[count]! - log[row - count]! - log[column - count]! - log[total - row - column + count]!;
        sum += (count / total) * Math.log((total * count) / (row * column)) * Math.exp(logShare);
      }
    }
  }
  return sum;
}
