import { FenwickTree } from "../fenwick-tree.ts";
import { type WeightedStatistic } from "../ranking.ts";
import { rowsOfGroup, sortColumn, type SortedColumn } from "../sorted-column.ts";
import { requirePredictedNumbers, type PredictedNumbers } from "./predicted-numbers.ts";

/** Pearson's correlation of two columns whose rows count `weights` times. */
function correlate(x: ArrayLike<number>, y: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let [total, sumX, sumY] = [0, 0, 0];
  let [varies, first] = [[false, false], -1];
  for (let row = 0; row < x.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    if (weight === 0) continue;
    if (first < 0) first = row;
    total += weight;
    sumX += weight * x[row]!;
    sumY += weight * y[row]!;
    varies = [varies[0] || x[row] !== x[first], varies[1] || y[row] !== y[first]];
  }
  // Asked of the values, since the spread of equal ones is not 0 after rounding.
  if (!(varies[0] && varies[1])) return NaN;
  let [squaresX, squaresY, products] = [0, 0, 0];
  for (let row = 0; row < x.length; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    const [a, b] = [x[row]! - sumX / total, y[row]! - sumY / total];
    squaresX += weight * a * a;
    squaresY += weight * b * b;
    products += weight * a * b;
  }
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresX * squaresY)));
}

/**
 * Pearson's correlation prepared for the bootstrap, in [-1, 1]; NaN where a column does not vary. Agrees with SciPy's
 * `pearsonr`. It does not see a wrong scale or a constant shift; put an error beside it.
 *
 * @throws VesaliusError `bad-data` for no cases, `shape-mismatch`, `not-a-number`.
 */
export function pearsonStatistic(data: PredictedNumbers): WeightedStatistic {
  requirePredictedNumbers(data);
  return (weights) => correlate(data.truth, data.predicted, weights);
}

/** Writes the rank of each row, the mean rank for equal values, where rows count `weights` times. */
function rankInto(ranks: Float64Array, sorted: SortedColumn, weights?: ArrayLike<number>): void {
  let below = 0;
  for (const group of sorted.ends.keys()) {
    const rows = rowsOfGroup(sorted, group);
    let tied = 0;
    for (const row of rows) tied += weights === undefined ? 1 : weights[row]!;
    for (const row of rows) ranks[row] = below + (tied + 1) / 2;
    below += tied;
  }
}

/**
 * Spearman's rank correlation prepared for the bootstrap, in [-1, 1], with mean ranks for equal values; NaN where a column
 * does not vary. Each set of weights costs linear time. Agrees with SciPy's `spearmanr`.
 *
 * @throws VesaliusError as `pearsonStatistic` does.
 */
export function spearmanStatistic(data: PredictedNumbers): WeightedStatistic {
  requirePredictedNumbers(data);
  const columns = [sortColumn(data.truth), sortColumn(data.predicted)] as const;
  const [x, y] = [new Float64Array(data.truth.length), new Float64Array(data.truth.length)];
  return (weights) => {
    rankInto(x, columns[0], weights);
    rankInto(y, columns[1], weights);
    return correlate(x, y, weights);
  };
}

/** Pairs of copies among runs of equal values. */
function tiedPairs(sorted: SortedColumn, weightOf: (row: number) => number): number {
  let pairs = 0;
  for (const group of sorted.ends.keys()) {
    let tied = 0;
    for (const row of rowsOfGroup(sorted, group)) tied += weightOf(row);
    pairs += (tied * (tied - 1)) / 2;
  }
  return pairs;
}

/** How well predicted numbers order pairs of cases. */
export interface PairOrder {
  /** Kendall's tau-b, in [-1, 1]: concordant minus discordant pairs, corrected for ties; NaN where a column does not vary. */
  readonly kendall: number;
  /** Share of the pairs with different true values that are predicted in the right order, ties one half, in [0, 1]. */
  readonly concordanceIndex: number;
}

/**
 * The order of pairs prepared for the bootstrap; each set of weights costs O(n log n). Kendall 1945, agrees with SciPy's
 * `kendalltau`; the concordance index is that of drug-target affinities (Gonen and Heller 2005, Ozturk et al. 2018).
 *
 * @throws VesaliusError as `pearsonStatistic` does.
 */
export function pairOrderStatistic(data: PredictedNumbers): (weights?: ArrayLike<number>) => PairOrder {
  requirePredictedNumbers(data);
  const [x, y] = [sortColumn(data.truth), sortColumn(data.predicted)];
  const place = new Int32Array(data.truth.length);
  for (const group of y.ends.keys()) for (const row of rowsOfGroup(y, group)) place[row] = group;
  const tree = new FenwickTree(y.ends.length);
  return (weights) => {
    const weightOf = (row: number) => (weights === undefined ? 1 : weights[row]!);
    tree.clear();
    let [total, balance] = [0, 0];
    for (const group of x.ends.keys()) {
      const rows = rowsOfGroup(x, group);
      for (const row of rows) {
        const weight = weightOf(row);
        if (weight === 0) continue;
        const below = tree.sumBefore(place[row]!);
        const above = total - tree.sumBefore(place[row]! + 1);
        balance += weight * (below - above);
      }
      for (const row of rows) {
        const weight = weightOf(row);
        if (weight === 0) continue;
        tree.add(place[row]!, weight);
        total += weight;
      }
    }
    const all = (total * (total - 1)) / 2;
    const different = all - tiedPairs(x, weightOf);
    return {
      kendall: balance / Math.sqrt(different * (all - tiedPairs(y, weightOf))),
      // Concordant pairs and half of those tied in the prediction are half of all that differ and of the balance.
      concordanceIndex: (1 + balance / different) / 2,
    };
  };
}

/**
 * Kendall's rank correlation tau-b prepared for the bootstrap; see {@link pairOrderStatistic}.
 *
 * @throws VesaliusError as `pearsonStatistic` does.
 */
export function kendallStatistic(data: PredictedNumbers): WeightedStatistic {
  const order = pairOrderStatistic(data);
  return (weights) => order(weights).kendall;
}
