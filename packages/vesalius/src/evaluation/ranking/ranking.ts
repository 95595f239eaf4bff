import { VesaliusError } from "../../common/errors.ts";
import type { Evaluation, Metric, Statistic, Values } from "../evaluation.ts";
import { rankingStatistic } from "../metrics/retrieval/index.ts";
import { weightedMean } from "../metrics/weighted-mean.ts";
import { describeRanking, type RankingDetails, rankingDetailsSchema, rankingSections } from "./details.ts";
import {
  measureRankedEntries,
  type RankingAnswer,
  type RankingMeasure,
  type RankingRules,
  type RankingTruth,
} from "./measure.ts";

/** What is fixed about a ranking. */
export interface RankingSettings {
  /** Ranks that count for nDCG and precision; 10 when left out. */
  readonly cutoff?: number | undefined;
  /** Ranks within which relevant entries are counted; 1, 5, 10 and 100 when left out. */
  readonly recallAt?: readonly number[] | undefined;
  /** Entries of the table, for what a random order scores. */
  readonly entries?: number | undefined;
}

const share = { better: "higher", range: [0, 1], proportion: true } as const;

function metricsOf({ cutoff, recallAt }: RankingRules): Record<string, Metric> {
  return {
    normalizedDiscountedGain: {
      ...share,
      label: `nDCG@${cutoff}`,
      aliases: [`ndcg@${cutoff}`, "ndcg"],
      meaning: `Grades of the first ${cutoff} ranks, discounted by the logarithm of the rank, as a share of the best order's.`,
    },
    reciprocalRank: {
      ...share,
      label: "Mean reciprocal rank",
      aliases: ["mrr"],
      meaning: "Mean of 1 / rank of the first relevant entry.",
    },
    averagePrecision: {
      ...share,
      label: "Mean average precision",
      aliases: ["map"],
      meaning: "Mean over queries of the mean precision at the ranks of relevant entries.",
    },
    ...Object.fromEntries(
      recallAt.map((cut): [string, Metric] => [
        `recallAt${cut}`,
        {
          ...share,
          label: `Recall@${cut}`,
          aliases: [`recall@${cut}`, `r@${cut}`, `hits@${cut}`],
          meaning: `Share of the relevant entries among the first ${cut}.`,
        },
      ]),
    ),
    precisionAt1: {
      ...share,
      proportion: "share",
      label: "Precision@1",
      aliases: ["p@1"],
      meaning: "Share of the queries whose first entry is relevant.",
    },
    [`precisionAt${cutoff}`]: {
      ...share,
      label: `Precision@${cutoff}`,
      aliases: [`p@${cutoff}`],
      meaning: `Share of the first ${cutoff} ranks that hold a relevant entry.`,
    },
  };
}

function statistic(queries: readonly RankingMeasure[], { cutoff, recallAt }: RankingRules): Statistic {
  const means = rankingStatistic(queries);
  const recalls = recallAt.map((_, i) => Float64Array.from(queries, (query) => query.recalls[i]!));
  return (weights) => {
    const { normalizedDiscountedGain, reciprocalRank, averagePrecision, precision, precisionAt1 } = means(weights);
    return {
      metrics: {
        normalizedDiscountedGain,
        reciprocalRank,
        averagePrecision,
        ...Object.fromEntries(recallAt.map((cut, i) => [`recallAt${cut}`, weightedMean(recalls[i]!, weights)])),
        [`precisionAt${cutoff}`]: precision,
        precisionAt1,
      },
    };
  };
}

/** What a random order scores on average. */
function floors(queries: readonly RankingMeasure[], { recallAt }: RankingRules): Values {
  const chances = queries.flatMap(({ chance }) => (chance === null ? [] : [chance]));
  if (chances.length < queries.length) return {};
  const mean = (pick: (one: (typeof chances)[number]) => number) => weightedMean(chances.map(pick));
  return {
    normalizedDiscountedGain: mean(({ discountedGain }) => discountedGain),
    reciprocalRank: mean(({ reciprocalRank }) => reciprocalRank),
    ...Object.fromEntries(recallAt.map((cut, i) => [`recallAt${cut}`, mean(({ recalls }) => recalls[i]!)])),
  };
}

/**
 * Rankings of a table's entries for queries: nDCG, reciprocal rank, average precision, and recall within the first ranks,
 * beside what a random order scores. A query without an answer finds nothing.
 *
 * @throws VesaliusError `bad-argument` for a cut-off that is no whole number above 0
 *
 * @example
 * const evaluation = rankingEvaluation({ entries: passages.length });
 * evaluateMeasures(evaluation, [evaluation.measure({ rows: [17] }, { rows: [3, 17, 5] }), ...]);
 */
export function rankingEvaluation(
  settings: RankingSettings = {},
): Evaluation<RankingTruth, RankingAnswer, RankingMeasure, RankingDetails> {
  const { cutoff = 10, recallAt = [1, 5, 10, 100], entries } = settings;
  if (![cutoff, ...recallAt].every((cut) => Number.isInteger(cut) && cut > 0)) {
    throw new VesaliusError("bad-argument", "a ranking is cut off at whole numbers above 0", {
      where: "cutoff, recallAt",
      fix: "give ranks such as 10",
    });
  }
  const rules: RankingRules = { cutoff, recallAt: [...new Set(recallAt)], entries };
  return {
    kind: "ranking",
    metrics: metricsOf(rules),
    headline: [
      "normalizedDiscountedGain",
      "reciprocalRank",
      ...rules.recallAt.slice(0, 3).map((cut) => `recallAt${cut}`),
    ],
    ofSubgroups: ["normalizedDiscountedGain", "reciprocalRank", "averagePrecision"],
    measure: (truth, answer) => measureRankedEntries(truth, answer, rules),
    statistic: (measures) => statistic(measures, rules),
    floors: (measures) => floors(measures, rules),
    details: rankingDetailsSchema,
    describe: describeRanking,
    sections: rankingSections,
  };
}
