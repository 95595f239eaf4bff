import { z } from "zod";
import { formatCount, numberColumn, type ReportSection } from "../../report/index.ts";
import type { RankingMeasure } from "./measure.ts";

/** Schema of what a report of a ranking holds beyond the metrics. */
export const rankingDetailsSchema = z.object({
  /** Queries by the rank of their first relevant entry: from each rank on, up to the next entry. */
  firstRanks: z.array(z.object({ from: z.int().min(1), to: z.int().nullable(), count: z.int().min(0) })),
  notFound: z.int().min(0),
  /** Median over queries; null where more than half of them find none. */
  medianRank: z.number().nullable(),
  /** Queries whose first relevant entry is ranked lowest; empty where queries may not be named. */
  worst: z.array(z.object({ id: z.string(), firstRank: z.int().nullable() })),
});
export type RankingDetails = z.output<typeof rankingDetailsSchema>;

const bands = [1, 2, 6, 11, 51, 101];
const numberOfWorst = 20;

/** Where the first relevant entries lie. */
export function describeRanking(
  measures: readonly RankingMeasure[],
  ids: readonly string[] | undefined,
): RankingDetails {
  const rankOf = ({ firstRank }: RankingMeasure) => firstRank ?? Infinity;
  const sorted = measures.map(rankOf).sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  return {
    firstRanks: bands.map((from, i) => {
      const to = bands[i + 1] === undefined ? null : bands[i + 1]! - 1;
      return { from, to, count: sorted.filter((rank) => rank >= from && rank <= (to ?? Number.MAX_VALUE)).length };
    }),
    notFound: sorted.filter((rank) => rank === Infinity).length,
    medianRank: Number.isFinite(high) ? (low + high) / 2 : null,
    worst:
      ids === undefined
        ? []
        : measures
            .map((measure, row) => ({ id: ids[row]!, firstRank: measure.firstRank, rank: rankOf(measure) }))
            .filter(({ rank }) => rank > 1)
            .sort((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank))
            .slice(0, numberOfWorst)
            .map(({ id, firstRank }) => ({ id, firstRank })),
  };
}

/** Ranks of first relevant entries, and the queries that fare worst. */
export function rankingSections({ firstRanks, notFound, medianRank, worst }: RankingDetails): ReportSection[] {
  const name = ({ from, to }: RankingDetails["firstRanks"][number]) =>
    to === null ? `${from} and beyond` : to === from ? String(from) : `${from} to ${to}`;
  return [
    {
      kind: "table",
      width: "half",
      title: "Rank of the first relevant entry",
      columns: [{ label: "Rank" }, numberColumn("Queries")],
      rows: [...firstRanks.map((band) => [name(band), formatCount(band.count)]), ["not found", formatCount(notFound)]],
      note: medianRank === null ? "Most queries find none." : `The median is ${medianRank}.`,
    },
    ...(worst.length === 0
      ? []
      : [
          {
            kind: "table" as const,
            width: "half" as const,
            title: "Queries that fare worst",
            columns: [{ label: "Query" }, numberColumn("First relevant rank")],
            rows: worst.map(({ id, firstRank }) => [id, firstRank === null ? "not found" : formatCount(firstRank)]),
          },
        ]),
  ];
}
