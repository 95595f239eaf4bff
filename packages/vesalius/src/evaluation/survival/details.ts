import { z } from "zod";
import { wilsonInterval } from "../../common/wilson-interval.ts";
import { brierSurvivalStatistic, dynamicAucStatistic, kaplanMeier, stepValue } from "../metrics/survival/index.ts";
import { casesOf, followUpOf, type SurvivalMeasure } from "./measure.ts";
import type { SurvivalSettings } from "./settings.ts";

const numbers = z.array(z.number());

/** Schema of what a report of survival holds beyond the metrics. Curves stand at the evaluation's times, not at patients'. */
export const survivalDetailsSchema = z.object({
  unit: z.string().nullable(),
  /** Time by which half of the cases had left follow-up. */
  medianFollowUp: z.number(),
  /** Thirds of the cases by predicted risk, lowest first. */
  groups: z.array(
    z.object({
      name: z.string(),
      count: z.int().min(0),
      events: z.int().min(0),
      /** Kaplan-Meier estimate with its 95% interval. */
      observed: z.object({ time: numbers, survival: numbers, lower: numbers, upper: numbers }),
      /** Mean of the predicted survival; null where none is predicted. */
      predicted: z.object({ time: numbers, survival: numbers }).nullable(),
    }),
  ),
  /** At each time the Brier score of the model, of the Kaplan-Meier curve of all cases, and the dynamic AUC. */
  overTime: z.object({
    time: numbers,
    brier: numbers.nullable(),
    brierOfAll: numbers,
    dynamicAuc: z.array(z.number().nullable()),
  }),
});
export type SurvivalDetails = z.output<typeof survivalDetailsSchema>;

const groupNames = ["low risk", "middle risk", "high risk"];

/** Kaplan-Meier curve of some cases at given times, from a survival of 1 at time 0. */
function curveAt(measures: readonly SurvivalMeasure[], times: readonly number[]) {
  const { times: jumps, survival, lower, upper, atRisk } = kaplanMeier(followUpOf(measures));
  // Before the first event Greenwood's variance is 0: Wilson's interval says what so many without an event show.
  const least = lower.map((value, step) => (survival[step] === 1 ? wilsonInterval(1, atRisk[step]!).lower : value));
  const read = (values: Float64Array) => times.map((time) => stepValue({ times: jumps, values, before: 1 }, time));
  let last = 1;
  return {
    time: [0, ...times],
    survival: [1, ...read(survival)],
    // Where nobody is left there is no interval: it stays as wide as it was, down to 0.
    lower: [1, ...read(least).map((value) => (Number.isNaN(value) ? 0 : value))],
    upper: [1, ...read(upper).map((value) => (last = Number.isNaN(value) ? last : value))],
  };
}

/** Times of the evaluation's spacing between 0 and its first time. */
function timesBefore(times: readonly number[]): number[] {
  const first = times[0]!;
  const steps = Math.min(50, Math.round((first * times.length) / (times.at(-1)! - first)));
  return Array.from({ length: Math.max(0, steps - 1) }, (_, i) => (first * (i + 1)) / steps);
}

function describeGroup(
  name: string,
  measures: readonly SurvivalMeasure[],
  times: readonly number[],
): SurvivalDetails["groups"][number] {
  const end = measures.reduce((greatest, { time }) => Math.max(greatest, time), 0);
  const within = (time: number) => time <= end;
  const known = measures.flatMap(({ survival }) => (survival === null ? [] : [survival]));
  const meanAt = (step: number) => known.reduce((sum, survival) => sum + survival[step]!, 0) / known.length;
  return {
    name,
    count: measures.length,
    events: measures.filter(({ event }) => event === 1).length,
    observed: curveAt(measures, [...timesBefore(times), ...times].filter(within)),
    predicted:
      known.length === 0 ? null : { time: [0, ...times], survival: [1, ...times.map((_, step) => meanAt(step))] },
  };
}

/** Observed and predicted survival by risk, and errors over time. */
export function describeSurvival(
  measures: readonly SurvivalMeasure[],
  settings: SurvivalSettings,
  used: readonly number[],
): SurvivalDetails {
  const { times, unit } = settings;
  const censoring = { ...settings.censoring, before: 1 };
  const cases = casesOf(measures, times.length);
  const order = measures.map((_, row) => row).sort((a, b) => cases.risk[a]! - cases.risk[b]!);
  const third = (i: number) =>
    order
      .slice(Math.round((i * order.length) / 3), Math.round(((i + 1) * order.length) / 3))
      .map((row) => measures[row]!);
  const columns = used.map((time) => times.indexOf(time));
  const at = (survival: (row: number, column: number) => number) =>
    used.length === 0
      ? []
      : Array.from(
          brierSurvivalStatistic(
            {
              ...cases,
              times: used,
              survival: Float64Array.from({ length: measures.length * used.length }, (_, i) =>
                survival(Math.floor(i / used.length), i % used.length),
              ),
            },
            { censoring },
          )().atTimes,
        );
  const ofAll = curveAt(measures, used).survival.slice(1);
  const { survival } = cases;
  const areas =
    used.length === 0 ? [] : Array.from(dynamicAucStatistic({ ...cases, times: used }, { censoring })().atTimes);
  return {
    unit: unit ?? null,
    medianFollowUp: cases.time.toSorted()[measures.length >> 1]!,
    groups: groupNames.flatMap((name, i) => {
      const group = third(i);
      return group.length === 0 ? [] : [describeGroup(name, group, times)];
    }),
    overTime: {
      time: [...used],
      brier: survival === null ? null : at((row, step) => survival[row * times.length + columns[step]!]!),
      brierOfAll: at((_, step) => ofAll[step]!),
      dynamicAuc: areas.map((area) => (Number.isNaN(area) ? null : area)),
    },
  };
}
