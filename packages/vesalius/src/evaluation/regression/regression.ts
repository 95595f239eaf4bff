import { VesaliusError } from "../../common/errors.ts";
import type { Basis, Evaluation, OverParts, Statistic, Values } from "../evaluation.ts";
import { requireFinite, requireLength } from "../metrics/input-checks.ts";
import {
  pairOrderStatistic,
  pearsonStatistic,
  regressionStatistic,
  spearmanStatistic,
} from "../metrics/regression/index.ts";
import { describeRegression, type RegressionDetails, regressionDetailsSchema, type TargetCases } from "./details.ts";
import { errorMetrics, metricsOf, type RegressionTarget, unitlessMetrics } from "./metrics.ts";
import { regressionSections } from "./sections.ts";

/** What is fixed about a regression. */
export interface RegressionSettings {
  readonly targets: readonly RegressionTarget[];
}

/** All that is kept of a case. */
export interface RegressionMeasure {
  /** `[targets]`, NaN where the true value is not known. */
  readonly truth: Float64Array;
  /** `[targets]`; null where there is no answer. */
  readonly predicted: Float64Array | null;
}

/** The cases of each target with a true value; without an answer, the mean of the true values is said for them. */
function casesOf(measures: readonly RegressionMeasure[], targets: readonly RegressionTarget[]): TargetCases[] {
  return targets.map(({ name, unit }, target) => {
    const rows = measures.flatMap((measure, row) => (Number.isNaN(measure.truth[target]!) ? [] : [row]));
    const truth = Float64Array.from(rows, (row) => measures[row]!.truth[target]!);
    const mean = truth.reduce((sum, value) => sum + value, 0) / truth.length;
    const predicted = Float64Array.from(rows, (row) => measures[row]!.predicted?.[target] ?? mean);
    return { name, unit, truth, predicted, rows };
  });
}

/** Metrics of one target for weights of all cases; NaN each where it is known of no case. */
function targetStatistic({ truth, predicted, rows }: TargetCases): (weights?: ArrayLike<number>) => Values {
  if (rows.length === 0) {
    const names = [...Object.keys(errorMetrics), ...Object.keys(unitlessMetrics)];
    return () => Object.fromEntries(names.map((name) => [name, NaN]));
  }
  const data = { truth, predicted };
  const errors = regressionStatistic(data);
  const [pearson, spearman, order] = [pearsonStatistic(data), spearmanStatistic(data), pairOrderStatistic(data)];
  const own = new Float64Array(rows.length);
  return (weights) => {
    if (weights !== undefined) for (const [i, row] of rows.entries()) own[i] = weights[row]!;
    const ofRows = weights === undefined ? undefined : own;
    const { rootMeanSquaredError, meanAbsoluteError, medianAbsoluteError, meanSquaredError, r2 } = errors(ofRows);
    return {
      rootMeanSquaredError,
      meanAbsoluteError,
      medianAbsoluteError,
      meanSquaredError,
      r2,
      pearson: pearson(ofRows),
      spearman: spearman(ofRows),
      ...order(ofRows),
    };
  };
}

function statistic(measures: readonly RegressionMeasure[], targets: readonly RegressionTarget[]): Statistic {
  const statistics = casesOf(measures, targets).map(targetStatistic);
  return (weights) => {
    const ofTargets = statistics.map((one) => one(weights));
    if (targets.length === 1) return { metrics: ofTargets[0]! };
    const means = Object.keys(unitlessMetrics).map((name) => [
      name,
      ofTargets.reduce((sum, one) => sum + one[name]!, 0) / targets.length,
    ]);
    return {
      metrics: Object.fromEntries(means) as Values,
      parts: Object.fromEntries(targets.map(({ name }, i) => [name, ofTargets[i]!])),
    };
  };
}

/** Whether all known truths of a target are one number, so that nothing is left to explain or to order. */
const isConstant = ({ truth }: Pick<TargetCases, "truth">): boolean => new Set(truth).size === 1;

function restsOn(measures: readonly RegressionMeasure[], targets: readonly RegressionTarget[]): OverParts<Basis> {
  const known = targets.map((_, target) => measures.map(({ truth }) => (Number.isNaN(truth[target]!) ? 0 : 1)));
  const constant = casesOf(measures, targets).map(isConstant);
  const varied = known.map((set, target) => (constant[target]! ? set.map(() => 0) : set));
  const all = (which: readonly number[], mean: boolean): Readonly<Record<string, Basis>> => {
    const of = (sets: readonly (readonly number[])[]): Basis => ({ sets: which.map((target) => sets[target]!), mean });
    return {
      ...Object.fromEntries(Object.keys(errorMetrics).map((name) => [name, of(known)])),
      ...Object.fromEntries(Object.keys(unitlessMetrics).map((name) => [name, of(varied)])),
    };
  };
  return {
    metrics: all([...targets.keys()], targets.length > 1),
    parts: Object.fromEntries(targets.map(({ name }, target) => [name, all([target], false)])),
  };
}

/** What always saying the mean of the true values scores. */
function floors(measures: readonly RegressionMeasure[], targets: readonly RegressionTarget[]): Values {
  const constant = measures.map(({ truth }) => ({ truth, predicted: null }));
  const { metrics } = statistic(constant, targets)();
  const errors = Object.keys(errorMetrics).flatMap((name) =>
    metrics[name] === undefined ? [] : [[name, metrics[name]]],
  );
  return {
    ...(Object.fromEntries(errors) as Values),
    r2: 0,
    pearson: 0,
    spearman: 0,
    kendall: 0,
    concordanceIndex: 0.5,
  };
}

/**
 * One or several numbers for each case: errors in the target's unit, explained variance and correlations; of several
 * targets each by itself, and means of what has no unit. A case without an answer is scored as if the mean of the true
 * values had been said, which is what no skill says.
 *
 * @throws VesaliusError `bad-argument` for no target or two of one name
 *
 * @example
 * const evaluation = regressionEvaluation({ targets: [{ name: "age", unit: "years" }] });
 * evaluateMeasures(evaluation, [evaluation.measure([63], [59.5]), ...]);
 */
export function regressionEvaluation({
  targets,
}: RegressionSettings): Evaluation<ArrayLike<number>, ArrayLike<number>, RegressionMeasure, RegressionDetails> {
  if (targets.length === 0 || new Set(targets.map(({ name }) => name)).size < targets.length) {
    throw new VesaliusError("bad-argument", "a regression needs targets with names of their own", {
      where: "targets",
      fix: "name each number that is predicted",
    });
  }
  const single = targets.length === 1;
  return {
    kind: "regression",
    metrics: metricsOf(targets),
    headline: single ? ["rootMeanSquaredError", "r2", "spearman"] : ["r2", "spearman", "pearson"],
    ofSubgroups: single ? ["rootMeanSquaredError", "spearman", "meanAbsoluteError", "r2"] : ["r2", "spearman"],
    part: "target",
    measure(truth, answer) {
      requireLength(truth.length, targets.length, "truth");
      const known = Float64Array.from(truth);
      requireFinite(
        known.filter((value) => !Number.isNaN(value)),
        "truth",
      );
      if (answer === null) return { truth: known, predicted: null };
      requireLength(answer.length, targets.length, "answer");
      requireFinite(answer, "answer");
      return { truth: known, predicted: Float64Array.from(answer) };
    },
    statistic: (measures) => statistic(measures, targets),
    restsOn: (measures) => restsOn(measures, targets),
    ...(single
      ? {}
      : {
          composition: (measures: readonly RegressionMeasure[]) =>
            Object.fromEntries(casesOf(measures, targets).map(({ name, rows }) => [name, rows.length])),
        }),
    whyUndefined(measures) {
      const empty = casesOf(measures, targets).flatMap(({ name, rows }) => (rows.length === 0 ? [name] : []));
      if (empty.length > 0) return `no case with a known ${empty.join(", ")}`;
      const constant = casesOf(measures, targets).flatMap((cases) => (isConstant(cases) ? [cases.name] : []));
      return constant.length > 0 ? `all cases have one value of ${constant.join(", ")}` : undefined;
    },
    floors: (measures) => floors(measures, targets),
    details: regressionDetailsSchema,
    describe: (measures, ids) => describeRegression(casesOf(measures, targets), ids),
    sections: regressionSections,
  };
}
