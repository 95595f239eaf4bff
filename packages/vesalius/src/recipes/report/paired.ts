import {
  classificationEvaluation,
  type Estimate,
  type MetricName,
  pairedBootstrapDifference,
} from "../../evaluation/index.ts";
import type { ImageSplit } from "../../data/index.ts";
import type { JudgedModel } from "../run/judged-model.ts";
import { groupBy, meanFigure } from "./over-seeds.ts";
import type { PairedComparison } from "./run-report.ts";

/** The method that the others are held against: training from scratch where it is there, otherwise the first one. */
export function referenceMethod(models: readonly JudgedModel[]): string | undefined {
  const methods = models.map(({ record }) => record.method);
  return methods.find((method) => method === "scratch") ?? methods[0];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function overCases(
  first: JudgedModel,
  second: JudgedModel,
  metric: MetricName,
  split: ImageSplit,
): { figure: Estimate; pValue: number | null } {
  const { classNames, positiveClass, resampling } = first.report;
  const evaluation = classificationEvaluation({
    classes: classNames,
    positiveClass: positiveClass ?? undefined,
    ordered: metric === "quadraticKappa",
  });
  const statistic = ({ probabilities }: JudgedModel) => {
    const classes = classNames.length;
    const all = evaluation.statistic(
      Array.from(split.labels!, (label, row) =>
        evaluation.measure(label, { probabilities: probabilities.subarray(row * classes, (row + 1) * classes) }),
      ),
    );
    return (weights?: ArrayLike<number>): number => all(weights).metrics[metric] ?? NaN;
  };
  const { estimate, lower, upper, pValue } = pairedBootstrapDifference(statistic(first), statistic(second), {
    count: split.length,
    strata: split.labels!,
    seed: resampling.seed,
    resamples: resampling.resamples,
    ...(split.groups === undefined ? {} : { groups: split.groups }),
  });
  return { figure: { value: finite(estimate), lower: finite(lower), upper: finite(upper) }, pValue: finite(pValue) };
}

/**
 * Every method against the reference method, paired: over the seeds that both were run with, and over the cases that the
 * first seed's models answered.
 */
export function compareMethods(
  models: readonly JudgedModel[],
  metric: MetricName,
  split: ImageSplit,
): PairedComparison[] {
  const reference = referenceMethod(models);
  const groups = groupBy(models, ({ record }) => record.method);
  const base = groups.get(reference ?? "") ?? [];
  return [...groups].flatMap(([method, ofMethod]) => {
    if (method === reference) return [];
    const differences = ofMethod.map(({ record, report }) => {
      const other = base.find((model) => model.record.seed === record.seed);
      const [mine, theirs] = [report.figures[metric]?.value, other?.report.figures[metric]?.value];
      return mine === null || mine === undefined || theirs === null || theirs === undefined ? null : mine - theirs;
    });
    const { figure, pValue } = overCases(ofMethod[0]!, base[0]!, metric, split);
    const overSeeds = differences.length > 1 ? meanFigure(differences) : null;
    return [{ method, reference: reference!, overSeeds, overCases: figure, pValue }];
  });
}
