import type { Split } from "../../data/index.ts";
import { describeDataset } from "../../data/dataset/index.ts";
import { evaluateAnswers, type EvaluationReport, type Metric, overSeeds } from "../../evaluation/index.ts";
import { researchUseNotice } from "../../report/index.ts";
import type { Task } from "../../tasks/index.ts";
import { addEnergy } from "../../trust/index.ts";
import type { RunData } from "../data/run-data.ts";
import type { Environment } from "../folder/environment.ts";
import { groupBy } from "../../common/group-by.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import { isTrained, type StageRecord } from "../stages/records.ts";
import { compareMethods, compareWithBaselines, type Reported } from "./comparisons.ts";
import { floorsOf } from "./floors.ts";
import type { EvaluatedModel, RunFindings } from "./findings.ts";
import type { MethodSummary, ReportedMetric, RunReport } from "./run-report.ts";
import { summariseStudy } from "./summarise-study.ts";

/** Time and energy of all stages together. */
function totalCost(stages: readonly StageRecord[]): RunReport["cost"] {
  const [first, ...others] = stages.map(({ cost }) => cost.energy);
  const trained = stages.filter(isTrained);
  const training = trained.reduce((sum, { time }) => sum + time.total, 0);
  const waiting = trained.reduce((sum, { time }) => sum + time.waiting, 0);
  return {
    seconds: stages.reduce((sum, { cost }) => sum + cost.seconds, 0),
    energy: addEnergy(first!, ...others),
    waitingShare: training === 0 ? 0 : waiting / training,
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const end = (value: number): number | null => (Number.isFinite(value) ? value : null);

const reported = ({ label, of, better, range, unit, meaning }: Metric): ReportedMetric => ({
  label,
  ...(of === undefined ? {} : { of }),
  better,
  range: [end(range[0]), end(range[1])],
  ...(unit === undefined ? {} : { unit }),
  meaning,
});

/** Evaluates what was measured on the evaluation's split as the recipe says. */
const evaluateModel = (
  task: Task,
  measured: EvaluatedModel["measured"],
  split: Split,
  { evaluation: { resamples, minimumSubgroupSize }, seed }: Pick<ResolvedRecipe, "evaluation" | "seed">,
  restricted: boolean,
): EvaluationReport =>
  // Identifiers can hold names of patients, and reports of restricted data get around.
  evaluateAnswers(task.evaluation, measured, split, { restricted, seed, resamples, minimumSubgroupSize });

function summarise(
  method: string,
  models: readonly Reported[],
  metrics: Task["evaluation"]["metrics"],
  metric: string,
): MethodSummary {
  const { trainedParameters, parameters } = models[0]!.model.record;
  return {
    method,
    seeds: models.map(({ model }) => model.record.seed),
    // A method that trains nothing leaves no model.
    models: parameters === 0 ? [] : models.map(({ model }) => model.folder),
    metrics: overSeeds(
      models.map(({ report }) => report.metrics),
      metrics,
    ),
    scores: models.map(({ report }) => report.metrics[metric]?.value ?? null),
    trainedParameters,
    parameters,
    seconds: mean(models.map(({ model }) => model.record.cost.seconds)),
    wattHours: mean(models.map(({ model }) => model.record.cost.energy.wattHours)),
  };
}

/** Where the dataset's card says that it belongs. */
function fieldOf({ task, datasets }: RunData): Pick<RunReport, "subfield" | "application"> {
  const { subfield, applications } = (task ?? datasets[0]!).card;
  const [application] = Array.isArray(applications) ? (applications as unknown[]) : [];
  return {
    subfield: typeof subfield === "string" ? subfield : null,
    application: typeof application === "string" ? application : null,
  };
}

/** Puts together what a run found. */
export function buildRunReport(
  recipe: ResolvedRecipe,
  data: RunData,
  findings: RunFindings,
  environment: Environment,
): RunReport {
  const { split: splitName } = recipe.evaluation;
  const { task, metric, records } = findings;
  const common = {
    kind: "run" as const,
    version: 2 as const,
    name: recipe.name,
    title: recipe.title,
    notice: researchUseNotice,
    smoke: findings.smoke,
    synthetic: data.synthetic,
    ...fieldOf(data),
    unit: (data.task ?? data.datasets[0])!.unit,
    split: splitName,
    datasets: data.datasets.map((dataset) => ({ ...describeDataset(dataset) })),
    stages: [...records],
    cost: totalCost(records),
    environment,
  };
  if (task === undefined || metric === undefined || data.task === undefined)
    return {
      ...common,
      metric: null,
      metrics: {},
      headline: [],
      floors: [],
      methods: [],
      baselines: [],
      comparisons: [],
      studies: [],
      evaluations: {},
    };
  const { evaluation } = task;
  const { card } = data.task;
  const split = data.task.splits[splitName]!;
  const models = findings.models.map((model) => ({
    model,
    report: evaluateModel(task, model.measured, split, recipe, card.restricted),
  }));
  const groups = groupBy(models, ({ model }) => model.record.method);
  const headline = [...new Set([metric, ...evaluation.headline])];
  return {
    ...common,
    metric,
    metrics: Object.fromEntries(Object.entries(evaluation.metrics).map(([name, one]) => [name, reported(one)])),
    headline,
    floors: floorsOf(recipe.evaluation.floors, evaluation.metrics, card, splitName),
    methods: [...groups].map(([method, of]) => summarise(method, of, evaluation.metrics, metric)),
    baselines: findings.baselines.map(({ label, title, measured }) => ({
      baseline: label,
      title,
      metrics: evaluateModel(task, measured, split, recipe, card.restricted).metrics,
    })),
    comparisons: [
      ...compareMethods(groups, { task, split, recipe, metrics: headline }),
      ...compareWithBaselines(groups, findings.baselines, { task, split, recipe, metrics: headline }),
    ],
    studies: findings.studies.map(({ study, points }) => ({
      name: study.name,
      settings: { ...study.settings },
      results: summariseStudy(study, points, {
        metric,
        task,
        recipe,
        estimate: ({ measured, split: of }) =>
          evaluateModel(task, measured, of, recipe, card.restricted).metrics[metric]!,
      }),
    })),
    evaluations: Object.fromEntries([...groups].map(([method, [first]]) => [method, first!.report])),
  };
}
