import { meanOverSeeds, onFewCases, pairedComparison, supportOf } from "../../evaluation/index.ts";
import type { Estimate } from "../../report/index.ts";
import type { Task } from "../../tasks/index.ts";
import { groupBy } from "../../common/group-by.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import type { Study } from "../studies/study.ts";
import type { EvaluatedPoint } from "./findings.ts";
import type { StudyReport } from "./run-report.ts";

/** What studies are summarised with. */
export interface StudySummaryOptions {
  /** Metric that methods are compared by. */
  readonly metric: string;
  readonly task: Task;
  readonly recipe: Pick<ResolvedRecipe, "seed" | "evaluation">;
  /** The metric of a single point with the interval of its cases. */
  readonly estimate: (point: EvaluatedPoint) => Estimate;
}

/** The answers on all folds of one division as those of one model. */
function pooled(points: readonly EvaluatedPoint[]): EvaluatedPoint {
  const [first] = points as [EvaluatedPoint];
  if (points.length === 1) return first;
  const all = points.map(({ measured }) => measured);
  const sum = (of: (one: EvaluatedPoint["measured"]) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  return {
    ...first,
    measured: {
      rows: Int32Array.from(all.flatMap(({ rows }) => [...rows])),
      measures: all.flatMap(({ measures }) => measures),
      withoutAnswer: sum((one) => one.withoutAnswer),
      withoutTruth: sum((one) => one.withoutTruth),
      seconds: sum((one) => one.seconds),
    },
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Points of a study over their seeds, and against its reference method. */
export function summariseStudy(
  { reference }: Study,
  points: readonly EvaluatedPoint[],
  { metric, task, recipe, estimate }: StudySummaryOptions,
): StudyReport["results"] {
  const { evaluation } = task;
  const places = [...groupBy(points, ({ point }) => JSON.stringify([point.method, point.at])).values()];
  const found = places.map((of) => [...groupBy(of, ({ point }) => String(point.seed)).values()].map(pooled));
  const at = (point: EvaluatedPoint): string => JSON.stringify(point.point.at);
  return found.map((models): StudyReport["results"][number] => {
    const [first] = models as [EvaluatedPoint, ...EvaluatedPoint[]];
    const scores = models.map(({ measured }) =>
      finite(evaluation.statistic(measured.measures)().metrics[metric] ?? Number.NaN),
    );
    const { groups: all } = first.split;
    const groups = all && Array.from(first.measured.rows, (row) => all[row]!);
    const base = found.find(([other]) => other!.point.method === reference && at(other!) === at(first))?.[0];
    const overCases =
      base === undefined || base === first
        ? undefined
        : pairedComparison(evaluation, first.measured.measures, base.measured.measures, {
            metrics: [metric],
            groups,
            seed: recipe.seed,
            resamples: recipe.evaluation.resamples,
          })[metric];
    return {
      method: first.point.method,
      at: { ...first.point.at },
      examples: first.examples,
      seeds: models.map(({ point }) => point.seed),
      scores,
      // A single model's own interval covers the chance in which cases were drawn.
      estimate:
        models.length === 1
          ? estimate(first)
          : onFewCases(
              meanOverSeeds(scores, evaluation.metrics[metric]!.range),
              supportOf(
                evaluation.restsOn?.(first.measured.measures).metrics[metric],
                first.measured.rows.length,
                groups,
              ),
            ),
      ...(overCases === undefined ? {} : { overCases }),
    };
  });
}
