import { requireFinite, requireLength } from "../input-checks.ts";
import { allRows } from "../ranking.ts";
import { sortColumn } from "../sorted-column.ts";
import { type CensoringOptions, inverseCensoringWeights } from "./concordance.ts";
import { type FollowUp, requireFollowUp, requireHorizons } from "./follow-up.ts";
import { countAtRisk, productLimit } from "./kaplan-meier.ts";
import { stepValue } from "./step-function.ts";

/** How well risks tell who has the event by a time from who does not. */
export interface DynamicAuc {
  /** `[times]` in [0, 1]; NaN where nobody has had the event yet, or nobody is left. */
  readonly atTimes: Float64Array;
  /** Mean weighted by how many events fall between the times; NaN where one of them is. */
  readonly mean: number;
}

/** Follow-up with a risk for each case, or for each case and time. */
export interface TimeRisks extends FollowUp {
  /** `[count]` or `[count, times]` any finite score; higher means that the event comes earlier. */
  readonly risk: ArrayLike<number>;
  /** `[times]` rising. */
  readonly times: ArrayLike<number>;
}

interface Ranked {
  /** `[count]` positions by falling risk. */
  readonly order: Int32Array;
  /** `[count]` 1 where the case at that rank is the last of equal risks. */
  readonly last: Uint8Array;
}

function rank(count: number, risk: (row: number) => number): Ranked {
  const order = allRows(count).sort((a, b) => risk(b) - risk(a));
  // Equal within 1e-8, as scikit-survival has it.
  const last = Uint8Array.from(order, (row, i) => (i + 1 < count && risk(row) - risk(order[i + 1]!) <= 1e-8 ? 0 : 1));
  return { order, last };
}

/**
 * Cumulative/dynamic AUC prepared for the bootstrap: at each time, the chance that a case that has had the event by then
 * has a higher risk than one that has not, with events weighted by the inverse probability of censoring. Uno et al. 2007,
 * Hung and Chiang 2010; the mean of Lambert and Chevret 2016. Agrees with scikit-survival's `cumulative_dynamic_auc`.
 *
 * @param options.censoring cases from which censoring is estimated; it stays as it is in every resample.
 * @throws VesaliusError `bad-data`, `bad-argument`, `shape-mismatch` or `not-a-number`, naming the place.
 */
export function dynamicAucStatistic(
  data: TimeRisks,
  options: CensoringOptions,
): (weights?: ArrayLike<number>) => DynamicAuc {
  requireFollowUp(data);
  requireHorizons(data.times);
  const { time, event, risk, times } = data;
  const [count, steps] = [time.length, times.length];
  if (risk.length !== count) requireLength(risk.length, count * steps, "risk");
  requireFinite(risk, "risk");
  const shared = risk.length === count ? rank(count, (row) => risk[row]!) : undefined;
  const rankings = Array.from(
    { length: steps },
    (_, step) => shared ?? rank(count, (row) => risk[row * steps + step]!),
  );
  const importance = inverseCensoringWeights(data, options);
  const sorted = sortColumn(time);

  const areaAt = (step: number, weights?: ArrayLike<number>): number => {
    const { order, last } = rankings[step]!;
    let [cases, controls, area, lastCases, lastControls] = [0, 0, 0, 0, 0];
    for (const [i, row] of order.entries()) {
      const weight = weights === undefined ? 1 : weights[row]!;
      if (time[row]! > times[step]!) controls += weight;
      else cases += weight * importance[row]!;
      if (last[i] === 0) continue;
      area += ((controls - lastControls) * (cases + lastCases)) / 2;
      [lastCases, lastControls] = [cases, controls];
    }
    return area / (cases * controls);
  };

  return (weights) => {
    const atTimes = Float64Array.from({ length: steps }, (_, step) => areaAt(step, weights));
    if (steps === 1) return { atTimes, mean: atTimes[0]! };
    const values = productLimit(countAtRisk(event, sorted, weights));
    const curve = { times: sorted.distinct, values, before: 1 };
    let [sum, before] = [0, 1];
    for (const [step, area] of atTimes.entries()) {
      const now = stepValue(curve, times[step]!);
      sum += area * (before - now);
      before = now;
    }
    return { atTimes, mean: sum / (1 - before) };
  };
}
