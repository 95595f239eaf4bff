import { requireFinite, requireLength } from "../input-checks.ts";
import { rowsOfGroup, sortColumn } from "../sorted-column.ts";
import { type FollowUp, requireFollowUp } from "./follow-up.ts";
import { type StepFunction, stepValue } from "./step-function.ts";

/**
 * Breslow's estimate of the cumulative baseline hazard of a proportional hazards model: at each event time, the number of
 * events divided by the sum of exp(log-risk) over the cases at risk (Breslow 1972). Any model that gives a log-risk turns
 * into survival curves with it; estimate it on the cases that the model was trained on.
 *
 * @param logRisk `[count]` finite log-hazard ratios.
 * @returns cumulative hazard of log-risk 0, jumping at the event times.
 * @throws VesaliusError `bad-data`, `shape-mismatch` or `not-a-number`, naming the row.
 */
export function breslowBaseline({ time, event }: FollowUp, logRisk: ArrayLike<number>): StepFunction {
  requireFollowUp({ time, event });
  requireLength(logRisk.length, time.length, "logRisk");
  requireFinite(logRisk, "logRisk");
  const sorted = sortColumn(time);
  const jumps: { readonly time: number; readonly hazard: number }[] = [];
  let atRisk = 0;
  for (let step = sorted.distinct.length - 1; step >= 0; step--) {
    let events = 0;
    for (const row of rowsOfGroup(sorted, step)) {
      atRisk += Math.exp(logRisk[row]!);
      events += event[row]!;
    }
    if (events > 0) jumps.push({ time: sorted.distinct[step]!, hazard: events / atRisk });
  }
  jumps.reverse();
  let cumulative = 0;
  return {
    times: jumps.map((jump) => jump.time),
    values: jumps.map(({ hazard }) => (cumulative += hazard)),
    before: 0,
  };
}

/**
 * Survival that a cumulative baseline hazard and log-risks predict: exp(-H(t) exp(log-risk)).
 *
 * @param logRisk `[count]`.
 * @param times `[times]`.
 * @returns `[count, times]` probability of no event up to each time; after the last event of the baseline it stays.
 */
export function survivalOfBaseline(
  baseline: StepFunction,
  logRisk: ArrayLike<number>,
  times: ArrayLike<number>,
): Float64Array {
  const hazard = Float64Array.from(times, (time) => stepValue(baseline, time));
  const survival = new Float64Array(logRisk.length * hazard.length);
  for (let row = 0; row < logRisk.length; row++) {
    const ratio = Math.exp(logRisk[row]!);
    for (let step = 0; step < hazard.length; step++) {
      // 0 * Infinity, before the first event for an overflowing risk, is no hazard.
      survival[row * hazard.length + step] = hazard[step] === 0 ? 1 : Math.exp(-hazard[step]! * ratio);
    }
  }
  return survival;
}
