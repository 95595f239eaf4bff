import { requireCases, requireFinite, requireLength } from "../input-checks.ts";
import { allRows } from "../ranking.ts";
import { gradesOf, requireCutoff, requireGrades, type Relevance } from "./relevance.ts";

/** What a document of a grade adds: the grade itself (Jarvelin and Kekalainen 2002), or 2^grade - 1 (Burges et al. 2005). */
export type Gain = "linear" | "exponential";

export interface DiscountedGainOptions {
  /** Only that many first ranks count; all when left out. */
  readonly cutoff?: number;
  readonly gain?: Gain;
}

/** Weight of a rank, counted from 0. */
const discount = (rank: number): number => 1 / Math.log2(rank + 2);

const gainOf = (grade: number, gain: Gain): number => (gain === "linear" ? grade : 2 ** grade - 1);

function sumOfGains(grades: ArrayLike<number>, cutoff: number, gain: Gain): number {
  let sum = 0;
  for (let rank = 0; rank < Math.min(grades.length, cutoff); rank++)
    sum += gainOf(grades[rank]!, gain) * discount(rank);
  return sum;
}

/** The largest gain that grades allow, whatever their order. */
const idealGain = (grades: Iterable<number>, cutoff: number, gain: Gain): number =>
  sumOfGains(Float64Array.from(grades).sort().reverse(), cutoff, gain);

/**
 * Normalized discounted cumulative gain of a ranking, in [0, 1]: gains discounted by log2 of the rank, divided by those of
 * the best possible ranking of all judged documents, also of those that were not retrieved. 0 for a query to which nothing
 * is relevant. Jarvelin and Kekalainen 2002; agrees with trec_eval and scikit-learn's `ndcg_score`.
 *
 * @param ranked identifiers, best first.
 * @throws VesaliusError `bad-data` for a document ranked twice or a broken grade, `bad-argument` for the cut-off.
 */
export function normalizedDiscountedGain(
  ranked: readonly string[],
  relevance: Relevance,
  { cutoff = Infinity, gain = "linear" }: DiscountedGainOptions = {},
): number {
  requireCutoff(cutoff);
  const ideal = idealGain(relevance.values(), cutoff, gain);
  const found = sumOfGains(gradesOf(ranked, relevance), cutoff, gain);
  return ideal === 0 ? 0 : found / ideal;
}

/**
 * Discounted cumulative gain where scores rank the documents: equal scores share the mean over all their orders (McSherry
 * and Najork 2008). Agrees with scikit-learn's `dcg_score`.
 *
 * @param grades `[documents]` relevance, 0 or more.
 * @param scores `[documents]` finite, higher is better.
 * @throws VesaliusError `bad-data`, `shape-mismatch`, `not-a-number` or `bad-argument`.
 */
export function discountedGainOfScores(
  grades: ArrayLike<number>,
  scores: ArrayLike<number>,
  { cutoff = Infinity, gain = "linear" }: DiscountedGainOptions = {},
): number {
  requireCases(grades.length);
  requireLength(scores.length, grades.length, "scores");
  requireFinite(scores);
  requireGrades(Array.from(grades));
  requireCutoff(cutoff);
  const order = allRows(grades.length).sort((a, b) => scores[b]! - scores[a]!);
  let sum = 0;
  for (let rank = 0; rank < order.length;) {
    const score = scores[order[rank]!]!;
    let [gains, discounts, tied] = [0, 0, 0];
    for (; rank < order.length && scores[order[rank]!] === score; rank++, tied++) {
      gains += gainOf(grades[order[rank]!]!, gain);
      if (rank < cutoff) discounts += discount(rank);
    }
    sum += (gains / tied) * discounts;
  }
  return sum;
}

/**
 * The same divided by the gain of the best order, in [0, 1]; 0 where nothing is relevant. Agrees with scikit-learn's
 * `ndcg_score`.
 *
 * @throws VesaliusError as `discountedGainOfScores` does.
 */
export function normalizedDiscountedGainOfScores(
  grades: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: DiscountedGainOptions = {},
): number {
  const found = discountedGainOfScores(grades, scores, options);
  const ideal = idealGain(Array.from(grades), options.cutoff ?? Infinity, options.gain ?? "linear");
  return ideal === 0 ? 0 : found / ideal;
}
