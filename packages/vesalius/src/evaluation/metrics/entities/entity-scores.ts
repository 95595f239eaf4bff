import { requireCases } from "../input-checks.ts";
import { precisionRecallF1OfClass, type PrecisionRecallF1 } from "../precision-recall-f1.ts";
import { type EntityCounts } from "./matching.ts";

/** Precision, recall and F1 of the entities of one type, with the number of true ones. */
export interface EntityTypeScores extends PrecisionRecallF1 {
  /** Weight of the true entities. */
  readonly support: number;
}

/** Entity-level precision, recall and F1, each in [0, 1]. */
export interface EntityScores {
  /** From the counts summed over types and cases: the metric of CoNLL; all 0 where there are no entities. */
  readonly micro: PrecisionRecallF1;
  /** Plain mean over the types that occur or were found; NaN where there are none. */
  readonly macro: PrecisionRecallF1;
  /** Mean over types weighted by how many true entities they have; 0 where there are none. */
  readonly weighted: PrecisionRecallF1;
  /** By type, in alphabetical order; NaN for a type that neither occurs nor was found under the weights. */
  readonly perType: Readonly<Record<string, EntityTypeScores>>;
}

function scoresOf(hit: number, spurious: number, missed: number): PrecisionRecallF1 {
  return precisionRecallF1OfClass({ truePositives: hit, falsePositives: spurious, falseNegatives: missed });
}

function meanOf(
  scores: readonly EntityTypeScores[],
  weightOf: (scores: EntityTypeScores) => number,
): PrecisionRecallF1 {
  const mean = (key: keyof PrecisionRecallF1) =>
    scores.reduce((sum, one) => sum + weightOf(one) * one[key], 0) /
    scores.reduce((sum, one) => sum + weightOf(one), 0);
  return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") };
}

/**
 * Entity-level scores prepared for the bootstrap: cases are counted once, weighing them is a sum. Undefined ratios are 0.
 * Agrees with seqeval's `classification_report`, which takes what `entitiesOfTags` and `countEntities` (exact) give.
 *
 * @param cases counts of each case, see `countEntities`.
 * @returns the scores for given weights of the cases (how often each counts; once each when left out).
 * @throws VesaliusError `bad-data` for no cases.
 */
export function entityScoresStatistic(cases: readonly EntityCounts[]): (weights?: ArrayLike<number>) => EntityScores {
  requireCases(cases.length);
  const types = [...new Set(cases.flatMap((counts) => Object.keys(counts)))].sort();
  const columns = types.length * 3;
  const table = new Float64Array(cases.length * columns);
  for (const [row, counts] of cases.entries()) {
    for (const [column, type] of types.entries()) {
      if (!Object.hasOwn(counts, type)) continue;
      const { hit, spurious, missed } = counts[type]!;
      table.set([hit, spurious, missed], row * columns + 3 * column);
    }
  }
  return (weights) => {
    const sums = new Float64Array(columns);
    for (let row = 0; row < cases.length; row++) {
      const weight = weights === undefined ? 1 : weights[row]!;
      if (weight === 0) continue;
      for (let column = 0; column < columns; column++) sums[column]! += weight * table[row * columns + column]!;
    }
    const total = [0, 0, 0];
    const perType: [type: string, scores: EntityTypeScores][] = [];
    const seen: EntityTypeScores[] = [];
    for (const [column, type] of types.entries()) {
      const [hit, spurious, missed] = [sums[3 * column]!, sums[3 * column + 1]!, sums[3 * column + 2]!];
      const absent = hit + spurious + missed === 0;
      const ratios = absent ? { precision: NaN, recall: NaN, f1: NaN } : scoresOf(hit, spurious, missed);
      const scores = { ...ratios, support: hit + missed };
      perType.push([type, scores]);
      if (!absent) seen.push(scores);
      for (const [i, count] of [hit, spurious, missed].entries()) total[i]! += count;
    }
    const anyTrue = total[0]! + total[2]! > 0;
    return {
      micro: scoresOf(total[0]!, total[1]!, total[2]!),
      macro: meanOf(seen, () => 1),
      weighted: anyTrue ? meanOf(seen, ({ support }) => support) : { precision: 0, recall: 0, f1: 0 },
      perType: Object.fromEntries(perType),
    };
  };
}
