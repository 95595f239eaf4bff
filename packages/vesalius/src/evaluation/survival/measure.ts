import { VesaliusError } from "../../common/errors.ts";
import { requireFinite, requireLength } from "../metrics/input-checks.ts";
import type { FollowUp } from "../metrics/survival/index.ts";
import type { SurvivalSettings } from "./settings.ts";

/** How long a case was followed and how it ended. */
export interface SurvivalTruth {
  /** 0 or more. */
  readonly time: number;
  /** Whether the event was observed; otherwise follow-up ended without it. */
  readonly observed: boolean;
}

/** What a model says of a case. */
export interface SurvivalAnswer {
  /** Any finite score; higher means that the event comes earlier. */
  readonly risk: number;
  /** `[times]` probability of no event up to each of the evaluation's times; left out by models that only rank. */
  readonly survival?: ArrayLike<number> | undefined;
}

/** All that is kept of a case. */
export interface SurvivalMeasure {
  readonly time: number;
  readonly event: 0 | 1;
  /** null where there is no answer. */
  readonly risk: number | null;
  /** `[times]`; null where there is none. */
  readonly survival: ArrayLike<number> | null;
}

/**
 * Measures one case.
 *
 * @throws VesaliusError `bad-data` for a time that is negative or a survival that is no falling probability,
 * `not-a-number`, `shape-mismatch` for another number of times
 */
export function measureSurvival(
  { time, observed }: SurvivalTruth,
  answer: SurvivalAnswer | null,
  { times }: SurvivalSettings,
): SurvivalMeasure {
  requireFinite([time], "time");
  if (time < 0) {
    throw new VesaliusError("bad-data", "a time lies before the start of follow-up", {
      where: "truth",
      fix: "count time from the start of follow-up of each case",
    });
  }
  const event = observed ? 1 : 0;
  if (answer === null) return { time, event, risk: null, survival: null };
  const { risk, survival = null } = answer;
  requireFinite([risk], "risk");
  if (survival !== null) {
    requireLength(survival.length, times.length, "survival");
    requireFinite(survival, "survival");
    // Rounding of float32 may lift a later probability by a hair.
    const broken = Array.from(survival).some(
      (value, i) => value < 0 || value > 1 || (i > 0 && value > survival[i - 1]! + 1e-4),
    );
    if (broken) {
      throw new VesaliusError("bad-data", "the predicted survival is no probability that falls with time", {
        where: "survival",
        fix: "give the probability of no event up to each time, not the hazard or the risk",
      });
    }
  }
  return { time, event, risk, survival };
}

/** Measures as columns, for the metric functions. */
export interface SurvivalCases extends FollowUp {
  readonly time: Float64Array;
  readonly event: Uint8Array;
  readonly risk: Float64Array;
  /** `[count, times]`; null where no case has one. */
  readonly survival: Float64Array | null;
}

/** How long each case was followed and how it ended. */
export const followUpOf = (measures: readonly SurvivalMeasure[]) => ({
  time: Float64Array.from(measures, ({ time }) => time),
  event: Uint8Array.from(measures, ({ event }) => event),
});

/** Measures as columns; where there is no answer, the mean risk and a survival of one half. */
export function casesOf(measures: readonly SurvivalMeasure[], times: number): SurvivalCases {
  const known = measures.flatMap(({ risk }) => (risk === null ? [] : [risk]));
  const mean = known.length === 0 ? 0 : known.reduce((sum, risk) => sum + risk, 0) / known.length;
  const predicted = measures.some(({ survival }) => survival !== null);
  const survival = new Float64Array(predicted ? measures.length * times : 0).fill(0.5);
  if (predicted) {
    for (const [row, measure] of measures.entries())
      if (measure.survival !== null) survival.set(measure.survival, row * times);
  }
  return {
    ...followUpOf(measures),
    risk: Float64Array.from(measures, ({ risk }) => risk ?? mean),
    survival: predicted ? survival : null,
  };
}
