import { countMeetings, prepareDivisions, type Contingency } from "./contingency.ts";
import { expectedMutualInformation } from "./expected-information.ts";

/** How well clusters agree with known groups; none asks what the clusters are called. */
export interface ClusteringScores {
  /** Agreement on pairs beyond chance, 1 at best, about 0 for random clusters (Hubert and Arabie 1985). */
  readonly adjustedRandIndex: number;
  /** Mutual information divided by the mean of both entropies (the V-measure), in [0, 1]; grows with the clusters' number. */
  readonly normalizedMutualInformation: number;
  /** Mutual information beyond chance, 1 at best, about 0 for random clusters (Vinh, Epps and Bailey 2010). */
  readonly adjustedMutualInformation: number;
  /** Whether each cluster holds one group only, in [0, 1]. */
  readonly homogeneity: number;
  /** Whether each group lies in one cluster only, in [0, 1]. */
  readonly completeness: number;
}

function entropy(sizes: Float64Array, total: number): number {
  return -sizes.reduce((sum, size) => sum + (size / total) * Math.log(size / total), 0);
}

function mutualInformation({ counts, rows, columns, total }: Contingency): number {
  let sum = 0;
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) {
      const count = counts[i * columns.length + j]!;
      if (count > 0) sum += (count / total) * Math.log((count * total) / (row * column));
    }
  }
  return Math.max(0, sum);
}

function randIndex({ counts, rows, columns, total }: Contingency): number {
  const squares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
  // Ordered pairs that both divisions keep together, that only one does, that neither does.
  const both = squares(counts) - total;
  const onlyFirst = squares(rows) - squares(counts);
  const onlySecond = squares(columns) - squares(counts);
  const neither = total * total - total - both - onlyFirst - onlySecond;
  if (onlyFirst === 0 && onlySecond === 0) return 1;
  return (
    (2 * (both * neither - onlyFirst * onlySecond)) /
    ((both + onlyFirst) * (onlyFirst + neither) + (both + onlySecond) * (onlySecond + neither))
  );
}

/**
 * Agreement of clusters with known groups, prepared for the bootstrap. Agrees with scikit-learn's `adjusted_rand_score`,
 * `normalized_mutual_info_score`, `adjusted_mutual_info_score` and `homogeneity_completeness_v_measure`. All are 1 where
 * there is one group and one cluster. In a resample, copies of a case always lie together, which flatters somewhat.
 *
 * @param groups `[count]` known groups, by number or name.
 * @param clusters `[count]` clusters found.
 * @returns the scores for given weights of the cases (how often each counts, whole numbers).
 * @throws VesaliusError `bad-data` for no cases, `shape-mismatch` for unequal lengths.
 */
export function clusteringStatistic(
  groups: ArrayLike<number | string>,
  clusters: ArrayLike<number | string>,
): (weights?: ArrayLike<number>) => ClusteringScores {
  const divisions = prepareDivisions(groups, clusters);
  return (weights) => {
    const meetings = countMeetings(divisions, weights);
    const { rows, columns, total } = meetings;
    if (rows.length === 1 && columns.length === 1) {
      return {
        adjustedRandIndex: 1,
        normalizedMutualInformation: 1,
        adjustedMutualInformation: 1,
        homogeneity: 1,
        completeness: 1,
      };
    }
    const shared = mutualInformation(meetings);
    const [ofGroups, ofClusters] = [entropy(rows, total), entropy(columns, total)];
    const mean = (ofGroups + ofClusters) / 2;
    const expected = expectedMutualInformation(meetings);
    // The limit keeps two divisions into single cases, for which chance cannot be told from agreement, from 0 / 0.
    const beyond = mean - expected;
    const range = beyond < 0 ? Math.min(beyond, -Number.EPSILON) : Math.max(beyond, Number.EPSILON);
    return {
      adjustedRandIndex: randIndex(meetings),
      normalizedMutualInformation: shared / mean,
      adjustedMutualInformation: (shared - expected) / range,
      homogeneity: ofGroups === 0 ? 1 : shared / ofGroups,
      completeness: ofClusters === 0 ? 1 : shared / ofClusters,
    };
  };
}
