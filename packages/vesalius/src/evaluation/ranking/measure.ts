import { VesaliusError } from "../../common/errors.ts";
import { measureRanking, type QueryMeasure, recallAt } from "../metrics/retrieval/index.ts";

/** Entries of a table that are relevant to a query. */
export interface RankingTruth {
  /** Rows of the table. */
  readonly rows: ArrayLike<number>;
  /** Degree of relevance of each, above 0; 1 each when left out. */
  readonly grades?: ArrayLike<number>;
}

/** Entries of the table as a model ranks them. */
export interface RankingAnswer {
  /** Rows of the table, best first; those that are left out are not found. */
  readonly rows: ArrayLike<number>;
}

/** All that is kept of a query. */
export interface RankingMeasure extends QueryMeasure {
  /** Share of the relevant entries among the first ranks, by cut-off. */
  readonly recalls: readonly number[];
  /** Rank of the first relevant entry, from 1; null where none is found. */
  readonly firstRank: number | null;
  /** What a random order of the table scores on average; null where the table's size is not known. */
  readonly chance: {
    readonly reciprocalRank: number;
    readonly discountedGain: number;
    readonly recalls: readonly number[];
  } | null;
}

/** What is fixed about a ranking. */
export interface RankingRules {
  readonly cutoff: number;
  readonly recallAt: readonly number[];
  /** Entries of the table. */
  readonly entries: number | undefined;
}

/**
 * What a random order of a table scores on average.
 *
 * @param relevant number of relevant entries
 * @param ideal discounted gain of the best order, `gains` the sum of all grades
 */
function chanceOf(relevant: number, gains: readonly number[], { cutoff, recallAt: cuts, entries }: RankingRules) {
  if (entries === undefined) return null;
  // Chance that the first relevant entry is at each rank: none before it, then one of those left.
  let [noneBefore, reciprocalRank] = [1, 0];
  for (let rank = 1; rank <= entries - relevant + 1; rank++) {
    const left = entries - rank + 1;
    reciprocalRank += (noneBefore * (relevant / left)) / rank;
    noneBefore *= 1 - relevant / left;
  }
  const discounts = Array.from({ length: Math.min(cutoff, entries) }, (_, rank) => 1 / Math.log2(rank + 2));
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / entries;
  const ideal = gains
    .toSorted((a, b) => b - a)
    .slice(0, cutoff)
    .reduce((sum, gain, rank) => sum + gain / Math.log2(rank + 2), 0);
  return {
    reciprocalRank,
    discountedGain: (mean * discounts.reduce((sum, discount) => sum + discount, 0)) / ideal,
    recalls: cuts.map((cut) => Math.min(cut, entries) / entries),
  };
}

/**
 * Measures the answer to one query; without one nothing is found.
 *
 * @throws VesaliusError `bad-data` for a query without a relevant entry, an entry that is ranked twice or outside the
 * table, `shape-mismatch` for grades that are not one for each entry
 */
export function measureRankedEntries(
  truth: RankingTruth,
  answer: RankingAnswer | null,
  rules: RankingRules,
): RankingMeasure {
  const { rows, grades } = truth;
  if (grades !== undefined && grades.length !== rows.length) {
    throw new VesaliusError("shape-mismatch", `${grades.length} grades for ${rows.length} relevant entries`, {
      where: "truth",
      fix: "give one grade for each, or none",
    });
  }
  const relevance = new Map(Array.from(rows, (row, i) => [String(row), grades?.[i] ?? 1] as const));
  const gains = [...relevance.values()].filter((grade) => grade > 0);
  if (gains.length === 0) {
    throw new VesaliusError("bad-data", "nothing is relevant to the query", {
      where: "truth",
      fix: "leave out queries whose relevant entries are not known",
    });
  }
  const ranked = Array.from(answer?.rows ?? [], String);
  const { entries } = rules;
  const outside = Array.from(answer?.rows ?? []).some((row) => !(row >= 0 && row < (entries ?? Infinity)));
  if (outside) {
    throw new VesaliusError("bad-data", "the ranking holds an entry that the table does not have", {
      where: "answer",
      fix: "rank the entries of the table that the queries refer to",
    });
  }
  const first = ranked.findIndex((row) => (relevance.get(row) ?? 0) > 0);
  return {
    ...measureRanking(ranked, relevance, rules.cutoff),
    recalls: rules.recallAt.map((cut) => recallAt(ranked, relevance, cut)),
    firstRank: first < 0 ? null : first + 1,
    chance: chanceOf(gains.length, gains, rules),
  };
}
