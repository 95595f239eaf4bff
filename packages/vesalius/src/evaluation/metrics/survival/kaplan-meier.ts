import { rowsOfGroup, sortColumn, type SortedColumn } from "../sorted-column.ts";
import { type FollowUp, requireFollowUp } from "./follow-up.ts";
import { type StepFunction } from "./step-function.ts";

/** Share of cases without the event over time, with its interval. */
export interface SurvivalCurve {
  /** `[steps]` distinct times of events and censorings, rising. */
  readonly times: Float64Array;
  /** `[steps]` weight of the cases still followed just before each time. */
  readonly atRisk: Float64Array;
  /** `[steps]` weight of the events at each time. */
  readonly events: Float64Array;
  /** `[steps]` estimated probability of no event up to and including each time. */
  readonly survival: Float64Array;
  /** `[steps]` ends of the interval; NaN where survival is 0. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Weights of those at risk, of the events and of the censorings at each distinct time. */
export interface RiskTable {
  readonly atRisk: Float64Array;
  readonly events: Float64Array;
  readonly censored: Float64Array;
}

/** Counts who is at risk, who has the event and who is censored at each distinct time. */
export function countAtRisk(event: ArrayLike<number>, sorted: SortedColumn, weights?: ArrayLike<number>): RiskTable {
  const steps = sorted.distinct.length;
  const [atRisk, events, censored] = [new Float64Array(steps), new Float64Array(steps), new Float64Array(steps)];
  let remaining = 0;
  for (let step = steps - 1; step >= 0; step--) {
    for (const row of rowsOfGroup(sorted, step)) {
      const weight = weights === undefined ? 1 : weights[row]!;
      if (event[row] === 1) events[step]! += weight;
      else censored[step]! += weight;
    }
    remaining += events[step]! + censored[step]!;
    atRisk[step] = remaining;
  }
  return { atRisk, events, censored };
}

/** Product-limit estimate of a risk table: the probability of no event up to and including each time. */
export function productLimit({ atRisk, events }: Pick<RiskTable, "atRisk" | "events">): Float64Array {
  let survival = 1;
  return atRisk.map((remaining, step) => {
    if (events[step]! > 0) survival *= 1 - events[step]! / remaining;
    return survival;
  });
}

/**
 * Kaplan-Meier estimate of survival with Greenwood's variance. The interval is symmetric on the scale of log(-log S), so
 * it stays within [0, 1] (Kalbfleisch and Prentice 2002, section 1.4; R's `survfit(conf.type = "log-log")`). Kaplan and
 * Meier 1958.
 *
 * @param options.weights `[count]` how often each case counts; once each when left out.
 * @param options.z quantile of the normal distribution; 1.96 for an interval of 95%.
 * @throws VesaliusError `bad-data`, `shape-mismatch` or `not-a-number`, naming the row.
 *
 * @example
 * kaplanMeier({ time: [5, 8, 12], event: [1, 0, 1] }).survival; // [2/3, 2/3, 0]
 */
export function kaplanMeier(
  data: FollowUp,
  { weights, z = 1.959964 }: { readonly weights?: ArrayLike<number>; readonly z?: number } = {},
): SurvivalCurve {
  requireFollowUp(data);
  const sorted = sortColumn(data.time);
  const { atRisk, events } = countAtRisk(data.event, sorted, weights);
  const survival = productLimit({ atRisk, events });
  const [lower, upper] = [survival.slice(), survival.slice()];
  let greenwood = 0;
  for (const [step, share] of survival.entries()) {
    if (events[step]! > 0) greenwood += events[step]! / (atRisk[step]! * (atRisk[step]! - events[step]!));
    if (share === 1) continue;
    const half = (z * Math.sqrt(greenwood)) / Math.abs(Math.log(share));
    lower[step] = share === 0 ? NaN : share ** Math.exp(half);
    upper[step] = share === 0 ? NaN : share ** Math.exp(-half);
  }
  return { times: sorted.distinct, atRisk, events, survival, lower, upper };
}

/**
 * Kaplan-Meier estimate of the censoring distribution, G(t): the probability of not being censored up to and including t.
 * Where an event and a censoring fall on one time, the event comes first and is no longer at risk of being censored (as in
 * scikit-survival's `kaplan_meier_estimator(reverse=True)`).
 */
export function censoringDistribution(data: FollowUp): StepFunction {
  requireFollowUp(data);
  const sorted = sortColumn(data.time);
  const { atRisk, events, censored } = countAtRisk(data.event, sorted);
  const exposed = atRisk.map((remaining, step) => remaining - events[step]!);
  return { times: sorted.distinct, values: productLimit({ atRisk: exposed, events: censored }), before: 1 };
}
