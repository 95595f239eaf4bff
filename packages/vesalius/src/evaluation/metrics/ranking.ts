import { requireCases, requireClassIndices, requireFinite, requireLength } from "./input-checks.ts";

/**
 * Cases ordered by falling score, sorted once. Every threshold metric (ROC, precision-recall, operating points) and
 * every bootstrap resample of it is then one linear pass: a resample changes how often a case counts, not its rank.
 */
export interface ScoreRanking {
  /** `[ranks]` position of the case at each rank in the caller's arrays. */
  readonly order: Int32Array;
  /** `[ranks]` 1 where the case at that rank is positive. */
  readonly positive: Uint8Array;
  /** `[ties]` rank after the last of each run of equal scores; cases of one run cannot be told apart by a threshold. */
  readonly tieEnds: Int32Array;
  /** `[ties]` score of each run, falling. */
  readonly thresholds: Float64Array;
}

/** True and false positives when everything at or above each threshold is called positive. */
export interface RankedCounts {
  /** `[ties]` weight of the positives at or above each threshold. */
  readonly truePositives: Float64Array;
  /** `[ties]` weight of the negatives at or above each threshold. */
  readonly falsePositives: Float64Array;
  /** Weight of all positives. */
  readonly positives: number;
  /** Weight of all negatives. */
  readonly negatives: number;
}

/** A figure of the evaluation set; `weights` says how often each case counts, once each when left out. */
export type WeightedStatistic = (weights?: ArrayLike<number>) => number;

/** Sorts chosen rows by score. `isPositive` and `score` are asked with positions of the caller's arrays. */
export function rankRows(
  rows: Int32Array,
  isPositive: (row: number) => boolean,
  score: (row: number) => number,
): ScoreRanking {
  const order = Int32Array.from(rows);
  order.sort((a, b) => score(b) - score(a));
  const positive = new Uint8Array(order.length);
  const tieEnds: number[] = [];
  const thresholds: number[] = [];
  for (let rank = 0; rank < order.length; rank++) {
    positive[rank] = isPositive(order[rank]!) ? 1 : 0;
    const value = score(order[rank]!);
    if (rank + 1 === order.length || score(order[rank + 1]!) !== value) {
      tieEnds.push(rank + 1);
      thresholds.push(value);
    }
  }
  return { order, positive, tieEnds: Int32Array.from(tieEnds), thresholds: Float64Array.from(thresholds) };
}

/** The positions 0 to count - 1. */
export function allRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}

/**
 * Ranks binary cases by score.
 *
 * @param labels `[count]` 0 (negative) or 1 (positive).
 * @param scores `[count]` any finite scores; higher means more likely positive.
 * @throws VesaliusError `bad-data` for no cases or labels other than 0 and 1, `shape-mismatch` for unequal lengths,
 * `not-a-number` for a score that is not finite.
 */
export function rankScores(labels: ArrayLike<number>, scores: ArrayLike<number>): ScoreRanking {
  requireCases(labels.length);
  requireLength(scores.length, labels.length, "scores");
  requireClassIndices(labels, 2);
  requireFinite(scores);
  return rankRows(
    allRows(labels.length),
    (row) => labels[row] === 1,
    (row) => scores[row]!,
  );
}

/**
 * Cumulative counts at every threshold, in one pass.
 *
 * @param weights how often each case counts, by its position in the caller's arrays; once each when left out.
 * @param into counts of the same ranking to overwrite, so that a thousand resamples allocate once.
 */
export function countRanking(ranking: ScoreRanking, weights?: ArrayLike<number>, into?: RankedCounts): RankedCounts {
  const { order, positive, tieEnds } = ranking;
  const truePositives = into?.truePositives ?? new Float64Array(tieEnds.length);
  const falsePositives = into?.falsePositives ?? new Float64Array(tieEnds.length);
  let positives = 0;
  let negatives = 0;
  let rank = 0;
  for (let tie = 0; tie < tieEnds.length; tie++) {
    for (const end = tieEnds[tie]!; rank < end; rank++) {
      const weight = weights === undefined ? 1 : weights[order[rank]!]!;
      if (positive[rank] === 1) positives += weight;
      else negatives += weight;
    }
    truePositives[tie] = positives;
    falsePositives[tie] = negatives;
  }
  return { truePositives, falsePositives, positives, negatives };
}
