import { requireCases } from "../input-checks.ts";
import { weightedMean } from "../weighted-mean.ts";
import { normalizedDiscountedGain } from "./discounted-gain.ts";
import { gradesOf, requireCutoff, type Relevance } from "./relevance.ts";

/** Number of relevant documents among the first ranks, and of all relevant ones. */
function hits(ranked: readonly string[], relevance: Relevance, cutoff: number): { found: number; relevant: number } {
  requireCutoff(cutoff);
  const grades = gradesOf(ranked, relevance);
  let relevant = 0;
  for (const grade of relevance.values()) if (grade > 0) relevant += 1;
  return { found: grades.subarray(0, Math.min(cutoff, grades.length)).filter((grade) => grade > 0).length, relevant };
}

/** Share of the relevant documents that are among the first `cutoff`, in [0, 1]; 0 where nothing is relevant. */
export function recallAt(ranked: readonly string[], relevance: Relevance, cutoff: number): number {
  const { found, relevant } = hits(ranked, relevance, cutoff);
  return relevant === 0 ? 0 : found / relevant;
}

/** Share of the first `cutoff` ranks that hold a relevant document, in [0, 1]; ranks left empty count as misses. */
export function precisionAt(ranked: readonly string[], relevance: Relevance, cutoff: number): number {
  return hits(ranked, relevance, cutoff).found / cutoff;
}

/** 1 / rank of the first relevant document (Voorhees 1999), 0 where none is among the first `cutoff`. */
export function reciprocalRank(ranked: readonly string[], relevance: Relevance, cutoff = Infinity): number {
  requireCutoff(cutoff);
  const rank = gradesOf(ranked, relevance).findIndex((grade) => grade > 0) + 1;
  return rank === 0 || rank > cutoff ? 0 : 1 / rank;
}

/**
 * Average precision of one query: the mean, over all relevant documents, of the precision at their ranks, 0 for those not
 * retrieved and for a query to which nothing is relevant. Its mean over queries is MAP. Agrees with trec_eval.
 */
export function averagePrecisionOfRanking(ranked: readonly string[], relevance: Relevance): number {
  const { relevant } = hits(ranked, relevance, Infinity);
  let [found, sum] = [0, 0];
  for (const [rank, grade] of gradesOf(ranked, relevance).entries()) {
    if (grade === 0) continue;
    found += 1;
    sum += found / (rank + 1);
  }
  return relevant === 0 ? 0 : sum / relevant;
}

/** All that is kept of a query; each in [0, 1]. */
export interface QueryMeasure {
  /** nDCG of the first `cutoff` ranks. */
  readonly normalizedDiscountedGain: number;
  /** Of the whole ranking. */
  readonly reciprocalRank: number;
  /** Of the whole ranking. */
  readonly averagePrecision: number;
  /** Among the first `cutoff` ranks. */
  readonly recall: number;
  /** Among the first `cutoff` ranks. */
  readonly precision: number;
  /** 1 where the first document is relevant. */
  readonly precisionAt1: number;
}

/**
 * Measures the answer to one query.
 *
 * @param ranked identifiers of documents, best first.
 * @param relevance judged documents; leave out queries without a relevant one, which score 0 whatever the ranking.
 * @param cutoff ranks that count for nDCG, recall and precision; 10 when left out.
 * @throws VesaliusError `bad-data` for a document ranked twice or a broken grade, `bad-argument` for the cut-off.
 */
export function measureRanking(ranked: readonly string[], relevance: Relevance, cutoff = 10): QueryMeasure {
  return {
    normalizedDiscountedGain: normalizedDiscountedGain(ranked, relevance, { cutoff }),
    reciprocalRank: reciprocalRank(ranked, relevance),
    averagePrecision: averagePrecisionOfRanking(ranked, relevance),
    recall: recallAt(ranked, relevance, cutoff),
    precision: precisionAt(ranked, relevance, cutoff),
    precisionAt1: precisionAt(ranked, relevance, 1),
  };
}

/**
 * Means over queries (MRR, MAP, ...) prepared for the bootstrap.
 *
 * @throws VesaliusError `bad-data` for no queries.
 */
export function rankingStatistic(queries: readonly QueryMeasure[]): (weights?: ArrayLike<number>) => QueryMeasure {
  requireCases(queries.length);
  const column = (name: keyof QueryMeasure) => Float64Array.from(queries, (query) => query[name]);
  const columns = {
    normalizedDiscountedGain: column("normalizedDiscountedGain"),
    reciprocalRank: column("reciprocalRank"),
    averagePrecision: column("averagePrecision"),
    recall: column("recall"),
    precision: column("precision"),
    precisionAt1: column("precisionAt1"),
  };
  return (weights) => ({
    normalizedDiscountedGain: weightedMean(columns.normalizedDiscountedGain, weights),
    reciprocalRank: weightedMean(columns.reciprocalRank, weights),
    averagePrecision: weightedMean(columns.averagePrecision, weights),
    recall: weightedMean(columns.recall, weights),
    precision: weightedMean(columns.precision, weights),
    precisionAt1: weightedMean(columns.precisionAt1, weights),
  });
}
