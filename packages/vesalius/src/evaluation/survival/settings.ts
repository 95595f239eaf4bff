import { z } from "zod";
import { validate } from "../../common/check.ts";
import { censoringDistribution, evaluationTimes, type FollowUp } from "../metrics/survival/index.ts";

const rising = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value > values[i - 1]!);

/** Schema of what is fixed about survival, as a task keeps it with its settings. */
export const survivalSettingsSchema = z.strictObject({
  /** Times at which survival is predicted, rising; the Brier score is integrated over them. */
  times: z.array(z.number()).min(2).refine(rising, "times must rise").readonly(),
  /** Of the times, those that are shown by themselves. */
  horizons: z.array(z.number()).readonly(),
  /**
   * Probability of not being censored up to each time, estimated on the training cases: a step function that is 1 before
   * its first jump. It weighs what censoring hides.
   */
  censoring: z.strictObject({
    times: z.array(z.number()).readonly(),
    values: z.array(z.number().min(0).max(1)).readonly(),
  }),
  /** What time is counted in: "months". */
  unit: z.string().optional(),
});

/** What is fixed about survival. */
export type SurvivalSettings = z.output<typeof survivalSettingsSchema>;

const mostHorizons = 4;

/** Round numbers inside a range, at most {@link mostHorizons}. */
function roundHorizons(first: number, last: number): number[] {
  const rough = (last - first) / mostHorizons;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 3, 5, 6, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const start = Math.ceil(first / step);
  return Array.from({ length: mostHorizons + 1 }, (_, i) => Number(((start + i) * step).toPrecision(12))).filter(
    (time) => time > 0 && time >= first && time <= last,
  );
}

/**
 * The times, horizons and censoring distribution of training cases, as an evaluation of survival needs them. Times of
 * single patients are not kept, but for those at which one was censored.
 *
 * @param options.horizons times that are shown by themselves; round numbers when left out
 * @param options.count times over which the Brier score is integrated; 50 when left out
 * @throws VesaliusError `bad-data` where follow-up leaves no span to evaluate in, `bad-argument` for horizons outside it
 */
export function fitSurvivalSettings(
  train: FollowUp,
  options: {
    readonly horizons?: readonly number[] | undefined;
    readonly count?: number | undefined;
    readonly unit?: string | undefined;
  } = {},
): SurvivalSettings {
  const grid = evaluationTimes(train, options.count === undefined ? {} : { count: options.count });
  const horizons = options.horizons ?? roundHorizons(grid[0]!, grid.at(-1)!);
  const { times, values } = censoringDistribution(train);
  // Only jumps matter: at an event nobody is censored.
  const jumps = Array.from(times, (time, i) => ({
    time,
    value: values[i]!,
    before: i === 0 ? 1 : values[i - 1]!,
  })).filter(({ value, before }) => value !== before);
  return validate(
    survivalSettingsSchema,
    {
      times: [...new Set([...grid, ...horizons])].sort((a, b) => a - b),
      horizons,
      censoring: { times: jumps.map(({ time }) => time), values: jumps.map(({ value }) => value) },
      ...(options.unit === undefined ? {} : { unit: options.unit }),
    },
    { code: "bad-argument", what: "settings of survival" },
  );
}
