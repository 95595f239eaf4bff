import type { Basis, Evaluation, Metric, OverParts, Statistic, Values } from "../evaluation.ts";
import {
  brierSurvivalStatistic,
  concordanceStatistic,
  dynamicAucStatistic,
  kaplanMeier,
  stepValue,
  unoConcordanceStatistic,
} from "../metrics/survival/index.ts";
import { describeSurvival, type SurvivalDetails, survivalDetailsSchema } from "./details.ts";
import {
  casesOf,
  followUpOf,
  measureSurvival,
  type SurvivalAnswer,
  type SurvivalMeasure,
  type SurvivalTruth,
} from "./measure.ts";
import { survivalSections } from "./sections.ts";
import type { SurvivalSettings } from "./settings.ts";

const metrics = {
  concordanceIndex: {
    label: "Concordance index",
    better: "higher",
    range: [0, 1],
    proportion: true,
    aliases: ["c-index", "c index", "ci", "concordance"],
    meaning: "Of pairs of which it is known who had the event first, the share ranked rightly (Harrell).",
  },
  unoConcordanceIndex: {
    label: "Concordance index, Uno",
    better: "higher",
    range: [0, 1],
    aliases: ["uno c-index"],
    meaning: "The same weighted so that it does not depend on how cases were censored.",
  },
  dynamicAuc: {
    label: "Dynamic AUC",
    better: "higher",
    range: [0, 1],
    aliases: ["td-auc", "time-dependent auc"],
    meaning: "Chance that a case with the event by a time has a higher risk than one without; the mean over times.",
  },
  integratedBrierScore: {
    label: "Integrated Brier score",
    better: "lower",
    range: [0, 1],
    aliases: ["ibs"],
    meaning: "Squared distance of predicted survival from what happened, over time, weighted for censoring.",
  },
  brierScore: {
    label: "Brier score",
    better: "lower",
    range: [0, 1],
    meaning: "Squared distance of predicted survival from what happened at a time, weighted for censoring.",
  },
} as const satisfies Record<string, Metric>;

/** At fewer cases on either side of a time, resamples would leave it without any. */
const fewestAround = 5;

/** The times with enough events by then and enough cases that are followed beyond. */
function timesWithin(measures: readonly SurvivalMeasure[], times: readonly number[]): number[] {
  return times.filter((at) => {
    const by = measures.filter(({ time, event }) => event === 1 && time <= at).length;
    const beyond = measures.filter(({ time }) => time > at).length;
    return Math.min(by, beyond) >= fewestAround;
  });
}

/** Name of a horizon as a part: `at 24 months`. */
const horizonName = (time: number, unit: string | undefined): string =>
  `at ${Number(time.toPrecision(4))}${unit === undefined ? "" : ` ${unit}`}`;

interface OverTime {
  readonly dynamicAuc: (weights?: ArrayLike<number>) => { readonly mean: number; readonly atTimes: ArrayLike<number> };
  readonly brier: (weights?: ArrayLike<number>) => { readonly integrated: number; readonly atTimes: ArrayLike<number> };
}

/** What is computed at several times, from the cases' follow-up; NaN where there are no such times or no survival. */
function overTime(measures: readonly SurvivalMeasure[], settings: SurvivalSettings, used: readonly number[]): OverTime {
  const { times } = settings;
  const cases = casesOf(measures, times.length);
  const censoring = { ...settings.censoring, before: 1 };
  const nothing = { mean: NaN, integrated: NaN, atTimes: used.map(() => NaN) };
  if (used.length === 0) return { dynamicAuc: () => nothing, brier: () => nothing };
  const { survival } = cases;
  const columns = used.map((time) => times.indexOf(time));
  const own =
    survival &&
    Float64Array.from({ length: measures.length * used.length }, (_, i) => {
      const [row, step] = [Math.floor(i / used.length), i % used.length];
      return survival[row * times.length + columns[step]!]!;
    });
  return {
    dynamicAuc: dynamicAucStatistic({ ...cases, times: used }, { censoring }),
    brier:
      own === null ? () => nothing : brierSurvivalStatistic({ ...cases, survival: own, times: used }, { censoring }),
  };
}

function statistic(measures: readonly SurvivalMeasure[], settings: SurvivalSettings): Statistic {
  const { times, horizons, unit } = settings;
  const cases = casesOf(measures, times.length);
  const censoring = { ...settings.censoring, before: 1 };
  const [harrell, uno] = [concordanceStatistic(cases), unoConcordanceStatistic(cases, { censoring })];
  const used = timesWithin(measures, times);
  const { dynamicAuc, brier } = overTime(measures, settings, used);
  return (weights) => {
    const [areas, errors] = [dynamicAuc(weights), brier(weights)];
    const at = (values: ArrayLike<number>, time: number) => values[used.indexOf(time)] ?? NaN;
    return {
      metrics: {
        concordanceIndex: harrell(weights),
        unoConcordanceIndex: uno(weights),
        dynamicAuc: areas.mean,
        integratedBrierScore: errors.integrated,
      },
      parts: Object.fromEntries(
        horizons.map((time): [string, Values] => [
          horizonName(time, unit),
          { dynamicAuc: at(areas.atTimes, time), brierScore: at(errors.atTimes, time) },
        ]),
      ),
    };
  };
}

function restsOn(measures: readonly SurvivalMeasure[], { horizons, unit }: SurvivalSettings): OverParts<Basis> {
  const events = { sets: [measures.map(({ event }) => event)] };
  return {
    metrics: {
      concordanceIndex: events,
      unoConcordanceIndex: events,
      dynamicAuc: events,
      integratedBrierScore: events,
    },
    parts: Object.fromEntries(
      horizons.map((horizon): [string, Record<string, Basis>] => {
        const before = measures.map(({ time, event }) => (event === 1 && time <= horizon ? 1 : 0));
        const after = measures.map(({ time }) => (time > horizon ? 1 : 0));
        return [horizonName(horizon, unit), { dynamicAuc: { sets: [before, after] }, brierScore: { sets: [before] } }];
      }),
    ),
  };
}

/** What the survival of all cases together (Kaplan-Meier) scores where it is said for each. */
function floors(measures: readonly SurvivalMeasure[], settings: SurvivalSettings): Values {
  const { times } = settings;
  const { times: jumps, survival } = kaplanMeier(followUpOf(measures));
  const curve = { times: jumps, values: survival, before: 1 };
  const everyone = Float64Array.from(times, (time) => stepValue(curve, time));
  const same = measures.map(({ time, event }) => ({ time, event, risk: 0, survival: everyone }));
  const { metrics: values } = statistic(same, settings)();
  return {
    concordanceIndex: 0.5,
    unoConcordanceIndex: 0.5,
    dynamicAuc: 0.5,
    integratedBrierScore: values["integratedBrierScore"]!,
  };
}

/**
 * Times to an event, some of which are only known to lie beyond the end of follow-up: ranking of risks, predicted survival
 * over time and at horizons, with what censoring hides weighted by its distribution among the training cases. Strata of
 * the bootstrap are events and censored cases. A case without an answer has the mean risk and a survival of one half.
 *
 * @param settings see `fitSurvivalSettings`
 *
 * @example
 * const evaluation = survivalEvaluation(fitSurvivalSettings(train, { unit: "months" }));
 * evaluateMeasures(evaluation, [evaluation.measure({ time: 31, observed: true }, { risk: 0.4 }), ...]);
 */
export function survivalEvaluation(
  settings: SurvivalSettings,
): Evaluation<SurvivalTruth, SurvivalAnswer, SurvivalMeasure, SurvivalDetails> {
  return {
    kind: "survival",
    metrics,
    headline: ["concordanceIndex", "integratedBrierScore", "dynamicAuc"],
    ofSubgroups: ["concordanceIndex", "integratedBrierScore", "dynamicAuc"],
    part: "horizon",
    measure: (truth, answer) => measureSurvival(truth, answer, settings),
    statistic: (measures) => statistic(measures, settings),
    restsOn: (measures) => restsOn(measures, settings),
    composition(measures) {
      const events = measures.filter(({ event }) => event === 1).length;
      return { "with the event": events, censored: measures.length - events };
    },
    whyUndefined(measures) {
      if (!measures.some(({ event }) => event === 1)) return "no event was observed";
      if (!measures.some(({ survival }) => survival !== null)) return "the model ranks risks and predicts no survival";
      return `fewer than ${fewestAround} events by then, or cases followed beyond`;
    },
    strata: (measures) => Uint8Array.from(measures, ({ event }) => event),
    floors: (measures) => floors(measures, settings),
    details: survivalDetailsSchema,
    describe: (measures) => describeSurvival(measures, settings, timesWithin(measures, settings.times)),
    sections: survivalSections,
  };
}
