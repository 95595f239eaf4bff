import type { Split } from "../../data/index.ts";
import {
  differenceRange,
  type Estimates,
  type EvaluationReport,
  meanOverSeeds,
  onFewCases,
  pairedComparison,
  supportOf,
} from "../../evaluation/index.ts";
import type { Measured, Task } from "../../tasks/index.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import type { EvaluatedBaseline, EvaluatedModel } from "./findings.ts";
import type { Comparison } from "./run-report.ts";

/** A model of a method with its evaluation. */
export interface Reported {
  readonly model: EvaluatedModel;
  readonly report: EvaluationReport;
}

/** What comparisons are made on. */
interface ComparisonContext {
  readonly task: Task;
  readonly split: Split;
  readonly recipe: Pick<ResolvedRecipe, "seed" | "evaluation">;
  readonly metrics: readonly string[];
}

/** The method that the others are held against: training from scratch where it is there, otherwise the first one. */
const referenceMethod = (methods: readonly string[]): string | undefined =>
  methods.find((method) => method === "scratch") ?? methods[0];

type Scores = Readonly<Record<string, number | null | undefined>>;

const scoresOf = ({ report }: Reported): Scores =>
  Object.fromEntries(Object.entries(report.metrics).map(([name, { value }]) => [name, value]));

/** Groups of the rows that were measured; undefined where the split has none. */
const groupsOf = ({ rows }: Measured, { groups }: Split): string[] | undefined =>
  groups === undefined ? undefined : Array.from(rows, (row) => groups[row]!);

/**
 * Mean over the seeds of the differences between models and what each is held against, with what the cases are too few for.
 */
function differencesOverSeeds(
  models: readonly Reported[],
  { metrics, task: { evaluation }, split }: ComparisonContext,
  other: (seed: number) => Scores | undefined,
): Estimates {
  const { measured } = models[0]!.model;
  const groups = groupsOf(measured, split);
  const bases = evaluation.restsOn?.(measured.measures).metrics;
  const byName = metrics.map((metric): [string, Estimates[string]] => {
    const differences = models.map((one) => {
      const [mine, theirs] = [scoresOf(one)[metric], other(one.model.record.seed)?.[metric]];
      return mine === null || mine === undefined || theirs === null || theirs === undefined ? null : mine - theirs;
    });
    const mean = meanOverSeeds(differences, differenceRange(evaluation.metrics[metric]!.range));
    return [metric, onFewCases(mean, supportOf(bases?.[metric], measured.rows.length, groups))];
  });
  return Object.fromEntries(byName);
}

/** The difference on the same cases, whole groups resampled together. */
function overCases(first: Measured, second: Measured, { task, split, recipe, metrics }: ComparisonContext) {
  return pairedComparison(task.evaluation, first.measures, second.measures, {
    metrics,
    groups: groupsOf(first, split),
    seed: recipe.seed,
    resamples: recipe.evaluation.resamples,
  });
}

/**
 * Every method against the reference method, paired: over the seeds that both were run with, and over the cases that the
 * first seed's models answered.
 */
export function compareMethods(
  methods: ReadonlyMap<string, readonly Reported[]>,
  context: ComparisonContext,
): Comparison[] {
  const reference = referenceMethod([...methods.keys()]);
  const base = methods.get(reference ?? "") ?? [];
  const ofSeed = (seed: number): Scores | undefined => {
    const same = base.find(({ model }) => model.record.seed === seed);
    return same && scoresOf(same);
  };
  return [...methods].flatMap(([method, models]) => {
    if (method === reference) return [];
    return [
      {
        method,
        reference: reference!,
        overSeeds: models.length > 1 ? differencesOverSeeds(models, context, ofSeed) : null,
        overCases: overCases(models[0]!.model.measured, base[0]!.model.measured, context),
      },
    ];
  });
}

/** Every method against every baseline, paired over the cases; a baseline is one model for all seeds. */
export function compareWithBaselines(
  methods: ReadonlyMap<string, readonly Reported[]>,
  baselines: readonly EvaluatedBaseline[],
  context: ComparisonContext,
): Comparison[] {
  return baselines.flatMap(({ title, measured }) => {
    const { metrics } = context.task.evaluation.statistic(measured.measures)();
    return [...methods].map(([method, models]) => ({
      method,
      reference: title,
      overSeeds: models.length > 1 ? differencesOverSeeds(models, context, () => metrics) : null,
      overCases: overCases(models[0]!.model.measured, measured, context),
    }));
  });
}
