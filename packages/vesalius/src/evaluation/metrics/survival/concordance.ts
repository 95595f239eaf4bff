import { VesaliusError } from "../../../common/errors.ts";
import { FenwickTree } from "../fenwick-tree.ts";
import { requireFinite, requireLength } from "../input-checks.ts";
import { allRows, type WeightedStatistic } from "../ranking.ts";
import { rowsOfGroup, sortColumn } from "../sorted-column.ts";
import { type FollowUp, requireFollowUp } from "./follow-up.ts";
import { censoringDistribution } from "./kaplan-meier.ts";
import { countBelow, countUpTo, type StepFunction, stepValue } from "./step-function.ts";

/** Risks that differ by no more count as equal. */
const tiedRisk = 1e-8;

/** Follow-up with what a model says about it. */
export interface RiskScores extends FollowUp {
  /** `[count]` any finite score; higher means that the event comes earlier. */
  readonly risk: ArrayLike<number>;
}

/** Pairs of cases of which it is known who had the event first, by what the risks say about them. */
export interface ConcordanceCounts {
  /** Weight of the pairs in which the case with the earlier event has the higher risk. */
  readonly concordant: number;
  readonly discordant: number;
  /** Pairs of equal risk; each counts one half. */
  readonly tiedRisk: number;
  /** Pairs, among all of these, of an event and a censoring at the same time. */
  readonly tiedTime: number;
}

type CountPairs = (weights?: ArrayLike<number>) => ConcordanceCounts;

/** Throws unless follow-up and risks are sound. */
export function requireRiskScores(data: RiskScores): void {
  requireFollowUp(data);
  requireLength(data.risk.length, data.time.length, "risk");
  requireFinite(data.risk, "risk");
}

/**
 * Prepares the count of pairs: times and risks are sorted once, then each set of weights costs O(n log n).
 *
 * @param importance `[count]` factor of all pairs in which the case has the earlier event.
 */
function pairCounter({ time, event, risk }: RiskScores, importance?: ArrayLike<number>): CountPairs {
  const count = time.length;
  const sorted = sortColumn(time);
  const byRisk = allRows(count).sort((a, b) => risk[a]! - risk[b]!);
  const rising = Float64Array.from(byRisk, (row) => risk[row]!);
  const position = new Int32Array(count);
  for (const [place, row] of byRisk.entries()) position[row] = place;
  // Of each case, how many risks are lower by more than a tie, and how many are not higher by more than a tie.
  const lower = Int32Array.from({ length: count }, (_, row) => countBelow(rising, risk[row]! - tiedRisk));
  const upTo = Int32Array.from({ length: count }, (_, row) => countUpTo(rising, risk[row]! + tiedRisk));
  const tree = new FenwickTree(count);
  return (weights) => {
    const weightOf = (row: number) => (weights === undefined ? 1 : weights[row]!);
    tree.clear();
    let later = 0;
    const counts = { concordant: 0, discordant: 0, tiedRisk: 0, tiedTime: 0 };
    for (let group = sorted.ends.length - 1; group >= 0; group--) {
      const rows = rowsOfGroup(sorted, group);
      let censoredNow = 0;
      // Who is censored at the time of an event outlives it.
      for (const row of rows) {
        if (event[row] === 1) continue;
        censoredNow += weightOf(row);
        tree.add(position[row]!, weightOf(row));
      }
      later += censoredNow;
      for (const row of rows) {
        const weight = weightOf(row) * (importance === undefined ? 1 : importance[row]!);
        if (event[row] !== 1 || weight === 0) continue;
        const below = tree.sumBefore(lower[row]!);
        const notAbove = tree.sumBefore(upTo[row]!);
        counts.concordant += weight * below;
        counts.tiedRisk += weight * (notAbove - below);
        counts.discordant += weight * (later - notAbove);
        counts.tiedTime += weight * censoredNow;
      }
      for (const row of rows) {
        if (event[row] !== 1) continue;
        later += weightOf(row);
        tree.add(position[row]!, weightOf(row));
      }
    }
    return counts;
  };
}

/** Concordance index of counted pairs, in [0, 1]; NaN where no pair can be compared. */
const indexOf = ({ concordant, discordant, tiedRisk }: ConcordanceCounts): number =>
  (concordant + tiedRisk / 2) / (concordant + discordant + tiedRisk);

/**
 * Harrell's concordance index: of all pairs of cases of which it is known who had the event first, the share in which the
 * model gives that case the higher risk (ties one half). Range [0, 1], 0.5 for a model that knows nothing. Harrell et al.
 * 1996; agrees with scikit-survival's `concordance_index_censored` and lifelines' `concordance_index`. It depends on how
 * cases were censored; see `unoConcordanceStatistic`.
 *
 * @returns the index and the pairs it was counted from.
 * @throws VesaliusError `bad-data` where no pair can be compared or a value is out of range, `shape-mismatch`,
 * `not-a-number`.
 *
 * @example
 * concordanceIndex({ time: [2, 4, 6], event: [1, 1, 0], risk: [0.9, 0.1, 0.4] }).index; // 2/3
 */
export function concordanceIndex(data: RiskScores): ConcordanceCounts & { readonly index: number } {
  requireRiskScores(data);
  const counts = pairCounter(data)();
  const index = indexOf(counts);
  if (Number.isNaN(index)) {
    throw new VesaliusError("bad-data", "the concordance index is not defined: no two cases can be compared", {
      where: "event",
      fix: "evaluate on cases with observed events that others outlive",
    });
  }
  return { ...counts, index };
}

/**
 * Harrell's concordance index prepared for the bootstrap; NaN for weights under which no pair can be compared.
 *
 * @throws VesaliusError `bad-data`, `shape-mismatch` or `not-a-number`, naming the row.
 */
export function concordanceStatistic(data: RiskScores): WeightedStatistic {
  requireRiskScores(data);
  const count = pairCounter(data);
  return (weights) => indexOf(count(weights));
}

/** What metrics weighted by the inverse probability of censoring need. */
export interface CensoringOptions {
  /**
   * Cases from which the censoring distribution is estimated, those that the model was trained on, or the distribution:
   * the probability of not being censored up to each time.
   */
  readonly censoring: FollowUp | StepFunction;
}

/** The censoring distribution that is given or estimated. */
export const distributionOf = (censoring: FollowUp | StepFunction): StepFunction =>
  "before" in censoring ? censoring : censoringDistribution(censoring);

/** 1 / G(time) of events and 0 of censored cases; 0 too where all training cases were censored before (G = 0). */
export function inverseCensoringWeights({ time, event }: FollowUp, { censoring }: CensoringOptions): Float64Array {
  const distribution = distributionOf(censoring);
  return Float64Array.from({ length: time.length }, (_, row) => {
    const uncensored = event[row] === 1 ? stepValue(distribution, time[row]!) : 0;
    return uncensored === 0 ? 0 : 1 / uncensored;
  });
}

/**
 * Uno's concordance index prepared for the bootstrap: pairs are weighted by the inverse probability of censoring, so that
 * the index does not depend on how cases were censored. Range [0, 1]. Uno et al. 2011; agrees with scikit-survival's
 * `concordance_index_ipcw`. The censoring distribution stays as it is in every resample, since it is part of the model's
 * training data. Events at times that no training case outlived uncensored weigh nothing.
 *
 * @param options.until only events before this time count (tau); all when left out. Few cases at risk make it unstable.
 * @throws VesaliusError as `concordanceStatistic` does.
 */
export function unoConcordanceStatistic(
  data: RiskScores,
  { censoring, until = Infinity }: CensoringOptions & { readonly until?: number },
): WeightedStatistic {
  requireRiskScores(data);
  const importance = inverseCensoringWeights(data, { censoring }).map((weight, row) =>
    data.time[row]! < until ? weight * weight : 0,
  );
  const count = pairCounter(data, importance);
  return (weights) => indexOf(count(weights));
}
