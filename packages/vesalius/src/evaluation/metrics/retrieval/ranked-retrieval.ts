import { requireCases } from "../input-checks.ts";
import { weightedMean } from "../weighted-mean.ts";
import { normalizedDiscountedGain } from "./discounted-gain.ts";
import { gradesOf, requireCutoff, type Relevance } from "./relevance.ts";

const relevantIn = (relevance: Relevance): number => [...relevance.values()].filter((grade) => grade > 0).length;

/** Number of relevant documents among the first ranks. */
const hitsIn = (grades: Float64Array, cutoff: number): number =>
  grades.subarray(0, Math.min(cutoff, grades.length)).reduce((hits, grade) => hits + (grade > 0 ? 1 : 0), 0);

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const precisionOfGrades = (grades: Float64Array, cutoff: number): number =>
  ratio(hitsIn(grades, cutoff), cutoff === Infinity ? grades.length : cutoff);

function reciprocalRankOfGrades(grades: Float64Array, cutoff: number): number {
  const rank = grades.findIndex((grade) => grade > 0) + 1;
  return rank === 0 || rank > cutoff ? 0 : 1 / rank;
}

function averagePrecisionOfGrades(grades: Float64Array, relevant: number): number {
  let [found, sum] = [0, 0];
  for (const [rank, grade] of grades.entries()) {
    if (grade === 0) continue;
    found += 1;
    sum += found / (rank + 1);
  }
  return ratio(sum, relevant);
}

/**
 * Share of the relevant documents that are among the first `cutoff`, in [0, 1]; 0 where nothing is relevant.
 *
 * @throws VesaliusError as `measureRanking` does, like all that follow.
 */
export function recallAt(ranked: readonly string[], relevance: Relevance, cutoff: number): number {
  requireCutoff(cutoff);
  return ratio(hitsIn(gradesOf(ranked, relevance), cutoff), relevantIn(relevance));
}

/** Share of the first `cutoff` ranks that hold a relevant document, in [0, 1]; ranks left empty count as misses. */
export function precisionAt(ranked: readonly string[], relevance: Relevance, cutoff: number): number {
  requireCutoff(cutoff);
  return precisionOfGrades(gradesOf(ranked, relevance), cutoff);
}

/** 1 / rank of the first relevant document (Voorhees 1999), 0 where none is among the first `cutoff`. */
export function reciprocalRank(ranked: readonly string[], relevance: Relevance, cutoff = Infinity): number {
  requireCutoff(cutoff);
  return reciprocalRankOfGrades(gradesOf(ranked, relevance), cutoff);
}

/**
 * Average precision of one query: the mean, over all relevant documents, of the precision at their ranks, 0 for those not
 * retrieved and for a query to which nothing is relevant. Its mean over queries is MAP. Agrees with trec_eval.
 */
export function averagePrecisionOfRanking(ranked: readonly string[], relevance: Relevance): number {
  return averagePrecisionOfGrades(gradesOf(ranked, relevance), relevantIn(relevance));
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
  requireCutoff(cutoff);
  const grades = gradesOf(ranked, relevance);
  const relevant = relevantIn(relevance);
  return {
    normalizedDiscountedGain: normalizedDiscountedGain(ranked.slice(0, cutoff), relevance, { cutoff }),
    reciprocalRank: reciprocalRankOfGrades(grades, Infinity),
    averagePrecision: averagePrecisionOfGrades(grades, relevant),
    recall: ratio(hitsIn(grades, cutoff), relevant),
    precision: precisionOfGrades(grades, cutoff),
    precisionAt1: hitsIn(grades, 1),
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
