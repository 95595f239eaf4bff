import { VesaliusError } from "../../../common/errors.ts";
import { quantileOfSorted } from "../../statistics/quantile.ts";
import { requireCases, requireClassIndices, requireFinite, requireLength } from "../input-checks.ts";

/** How long each case was followed and how it ended. */
export interface FollowUp {
  /** `[count]` time to the event or to censoring, 0 or more, in any unit. */
  readonly time: ArrayLike<number>;
  /** `[count]` 1 where the event was observed, 0 where the case was censored before it. */
  readonly event: ArrayLike<number>;
}

/** Throws unless every case has a finite time, 0 or more, and an event that is 0 or 1. */
export function requireFollowUp({ time, event }: FollowUp): void {
  requireCases(time.length);
  requireLength(event.length, time.length, "event");
  requireFinite(time, "time");
  requireClassIndices(event, 2, "event");
  const negative = Array.from(time).findIndex((value) => value < 0);
  if (negative >= 0) {
    throw new VesaliusError("bad-data", "a time lies before the start of follow-up", {
      where: `time, row ${negative}`,
      fix: "count time from the start of follow-up of each case",
    });
  }
}

/** Throws unless the times at which a model is evaluated are finite and rise. */
export function requireHorizons(times: ArrayLike<number>): void {
  requireCases(times.length);
  requireFinite(times, "times");
  for (let i = 1; i < times.length; i++) {
    if (times[i]! > times[i - 1]!) continue;
    throw new VesaliusError("bad-argument", "the times at which to evaluate do not rise", {
      where: `times, entry ${i}`,
      fix: "sort them and keep each once",
    });
  }
}

/**
 * Times at which to evaluate predicted survival: evenly spaced between two quantiles of follow-up, so that enough cases
 * are still followed at each.
 *
 * @param options.count 50 when left out.
 * @param options.from share of cases whose follow-up has ended at the first time; 0.1 when left out.
 * @param options.to the same for the last time; 0.9 when left out. Where that is the end of the study, nobody is known to
 * outlive it, so the last time before it is taken.
 * @returns `[count]` rising.
 * @throws VesaliusError `bad-data` where follow-up ends at one time for too many cases to leave a span.
 */
export function evaluationTimes(
  { time }: Pick<FollowUp, "time">,
  { count = 50, from = 0.1, to = 0.9 }: { readonly count?: number; readonly from?: number; readonly to?: number } = {},
): Float64Array {
  requireCases(time.length);
  requireFinite(time, "time");
  const sorted = Float64Array.from(time).sort();
  const end = sorted[sorted.length - 1]!;
  const first = quantileOfSorted(sorted, from);
  const wanted = quantileOfSorted(sorted, to);
  const last = wanted < end ? wanted : (sorted.findLast((value) => value < end) ?? end);
  if (!(last > first) || !Number.isInteger(count) || count < 2) {
    throw new VesaliusError("bad-data", "the times of follow-up leave no span in which to evaluate survival", {
      where: "time",
      fix: "give the times at which to evaluate yourself, at least two",
    });
  }
  return Float64Array.from({ length: count }, (_, i) => first + ((last - first) * i) / (count - 1));
}
