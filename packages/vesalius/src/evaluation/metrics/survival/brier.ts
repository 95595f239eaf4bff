import { VesaliusError } from "../../../common/errors.ts";
import { requireLength } from "../input-checks.ts";
import { type CensoringOptions, distributionOf, inverseCensoringWeights } from "./concordance.ts";
import { type FollowUp, requireFollowUp, requireHorizons } from "./follow-up.ts";
import { stepValue } from "./step-function.ts";

/** Predicted survival with what happened. */
export interface SurvivalPredictions extends FollowUp {
  /** `[count, times]` predicted probability of no event up to each time, in [0, 1]. */
  readonly survival: ArrayLike<number>;
  /** `[times]` rising. */
  readonly times: ArrayLike<number>;
}

/** Error of predicted survival, lower is better. */
export interface BrierScores {
  /** `[times]` Brier score at each time, 0 or more; 0.25 for a model that always says one half. */
  readonly atTimes: Float64Array;
  /** Integrated Brier score: the mean over the span of the times (trapezoids); NaN for a single time. */
  readonly integrated: number;
}

function requireSurvival({ time, survival, times }: SurvivalPredictions): void {
  requireHorizons(times);
  requireLength(survival.length, time.length * times.length, "survival");
  for (let i = 0; i < survival.length; i++) {
    if (survival[i]! >= 0 && survival[i]! <= 1) continue;
    throw new VesaliusError(
      Number.isFinite(survival[i]) ? "bad-data" : "not-a-number",
      `${survival[i]} is no probability`,
      {
        where: `survival, row ${Math.floor(i / times.length)}, time ${i % times.length}`,
        fix: "pass the probability of no event up to the time, not the hazard or the risk",
      },
    );
  }
}

/**
 * Brier scores of predicted survival prepared for the bootstrap: squared distance of the predicted probability from
 * whether the case lived on, weighted by the inverse probability of censoring; cases censored before the time weigh
 * nothing. Graf et al. 1999; agrees with scikit-survival's `brier_score` and `integrated_brier_score`, except that the
 * censoring distribution is continued after its last time instead of refused.
 *
 * @param options.censoring cases from which censoring is estimated; it stays as it is in every resample.
 * @throws VesaliusError `bad-data`, `bad-argument`, `shape-mismatch` or `not-a-number`, naming the place.
 */
export function brierSurvivalStatistic(
  data: SurvivalPredictions,
  options: CensoringOptions,
): (weights?: ArrayLike<number>) => BrierScores {
  requireFollowUp(data);
  requireSurvival(data);
  const { time, survival, times } = data;
  const [count, steps] = [time.length, times.length];
  const ofEvents = inverseCensoringWeights(data, options);
  const distribution = distributionOf(options.censoring);
  const ofSurvivors = Float64Array.from({ length: steps }, (_, step) => {
    const uncensored = stepValue(distribution, times[step]!);
    return uncensored === 0 ? 0 : 1 / uncensored;
  });
  const losses = new Float64Array(count * steps);
  for (let row = 0; row < count; row++) {
    for (let step = 0; step < steps; step++) {
      const predicted = survival[row * steps + step]!;
      losses[row * steps + step] =
        time[row]! > times[step]! ? (1 - predicted) ** 2 * ofSurvivors[step]! : predicted ** 2 * ofEvents[row]!;
    }
  }
  return (weights) => {
    const atTimes = new Float64Array(steps);
    let total = 0;
    for (let row = 0; row < count; row++) {
      const weight = weights === undefined ? 1 : weights[row]!;
      total += weight;
      if (weight === 0) continue;
      for (let step = 0; step < steps; step++) atTimes[step]! += weight * losses[row * steps + step]!;
    }
    for (let step = 0; step < steps; step++) atTimes[step]! /= total;
    let area = 0;
    for (let step = 1; step < steps; step++) {
      area += ((atTimes[step]! + atTimes[step - 1]!) * (times[step]! - times[step - 1]!)) / 2;
    }
    return { atTimes, integrated: area / (times[steps - 1]! - times[0]!) };
  };
}
