import type { Estimate } from "../../report/index.ts";
import type { Estimates, Metric } from "../evaluation.ts";
import { hasWidth, joinedCautions, undefinedEstimate } from "./estimate.ts";
import { meanInterval } from "./mean-interval.ts";

/** Fewer runs than this do not show how far another one may lie, whatever their interval says. */
const fewestRuns = 3;

/**
 * Mean over repeated runs (seeds) with its Student-t interval; an undefined value makes it undefined, as leaving it out
 * would flatter. A single run has no interval, nor have runs that all give one value: they do not show how others differ.
 * The interval of two runs, Student's t with one degree of freedom, carries a caution.
 *
 * @param range where the metric can lie: the part of the interval outside is left out, which takes nothing from its
 * confidence
 */
export function meanOverSeeds(
  scores: readonly (number | null | undefined)[],
  [least, greatest]: readonly [number, number] = [-Infinity, Infinity],
): Estimate {
  const values = scores.filter((score) => typeof score === "number");
  if (values.length === 0 || values.length < scores.length) return undefinedEstimate("not defined for every seed");
  const { estimate, lower, upper } = meanInterval(values);
  if (values.length === 1) return { value: estimate, lower: null, upper: null, reason: "no interval: a single run" };
  if (!hasWidth(lower, upper))
    return { value: estimate, lower: null, upper: null, reason: "no interval: every seed gives the same value" };
  return {
    value: estimate,
    lower: Math.max(lower, least),
    upper: Math.min(upper, greatest),
    ...(values.length < fewestRuns ? { caution: `only ${values.length} runs` } : {}),
  };
}

/**
 * Puts what the cases do not show into a mean over seeds: where each run rests on few cases, seeds that agree say nothing of
 * other patients. The interval covers those of the runs too then, and is left out where a run has none.
 */
function withCases(mean: Estimate, runs: readonly (Estimate | undefined)[]): Estimate {
  const { value } = mean;
  if (value === null) return mean;
  const none = runs.find((run) => run?.lower === null && run.reason !== undefined);
  if (none !== undefined) return { value, lower: null, upper: null, reason: none.reason! };
  const few = runs.find((run) => run?.caution !== undefined);
  if (few === undefined) return mean;
  const ends = (key: "lower" | "upper"): number[] => [mean, ...runs].flatMap((one) => one?.[key] ?? []);
  return {
    value,
    lower: Math.min(...ends("lower")),
    upper: Math.max(...ends("upper")),
    caution: joinedCautions(few.caution, mean.caution)!,
  };
}

/**
 * Metrics of one method over its seeds: means with Student-t intervals, which cover the chance in training, and where the
 * runs rest on few cases the chance in which cases were drawn too; of a single run its own estimates, whose intervals cover
 * the chance in which cases were drawn.
 *
 * @param runs metrics of each run, in which the same ones are named
 */
export function overSeeds(runs: readonly Estimates[], metrics: Readonly<Record<string, Metric>>): Estimates {
  const [first, ...others] = runs;
  if (first === undefined) return {};
  if (others.length === 0) return first;
  const names = Object.keys(first).filter((name) => metrics[name] !== undefined);
  return Object.fromEntries(
    names.map((name) => [
      name,
      withCases(
        meanOverSeeds(
          runs.map((run) => run[name]?.value),
          metrics[name]!.range,
        ),
        runs.map((run) => run[name]),
      ),
    ]),
  );
}
