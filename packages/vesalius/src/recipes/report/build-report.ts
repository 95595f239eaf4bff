import { describeDatasetOfImages, type ImageSplit } from "../../data/index.ts";
import { researchUseNotice } from "../../evaluation/index.ts";
import { addEnergy } from "../../trust/index.ts";
import type { ResolvedRecipe } from "../resolve.ts";
import type { Environment } from "../run/environment.ts";
import type { JudgedModel } from "../run/judged-model.ts";
import type { RunData } from "../run/run-data.ts";
import type { LabelEfficiencyRecord, PretrainingRecord, StageRecord } from "../run/stage-record.ts";
import { floorOf } from "./floor.ts";
import { groupBy, summariseLabelEfficiency, summariseMethods } from "./over-seeds.ts";
import { compareMethods } from "./paired.ts";
import type { RunReport } from "./run-report.ts";

/** What the stages of a run found. */
export interface RunFindings {
  readonly pretraining: readonly PretrainingRecord[];
  readonly models: readonly JudgedModel[];
  readonly labelEfficiency: readonly LabelEfficiencyRecord[];
}

/** Time and energy of all stages together. */
function totalCost(stages: readonly StageRecord[]): RunReport["cost"] {
  const [first, ...others] = stages.map(({ cost }) => cost.energy);
  const training = stages.reduce((sum, { time }) => sum + time.total, 0);
  const waiting = stages.reduce((sum, { time }) => sum + time.waiting, 0);
  return {
    seconds: stages.reduce((sum, { cost }) => sum + cost.seconds, 0),
    energy: addEnergy(first!, ...others),
    waitingShare: training === 0 ? 0 : waiting / training,
  };
}

/** Estimates of the adaptation's models that the label-efficiency study counts as those with all labels. */
function scoresWithAllLabels({ labelEfficiency, evaluation }: ResolvedRecipe, models: readonly JudgedModel[]) {
  if (!labelEfficiency?.counts.includes("all")) return [];
  const { methods, seeds } = labelEfficiency;
  return models
    .filter(({ record }) => methods.includes(record.method) && seeds.includes(record.seed))
    .map(({ record: { method, images }, report }) => {
      return { method, images, score: report.figures[evaluation.metric]?.value ?? null };
    });
}

/** Puts together what a run found. */
export function buildRunReport(
  recipe: ResolvedRecipe,
  data: RunData,
  findings: RunFindings,
  environment: Environment,
): RunReport {
  const { pretraining, models, labelEfficiency } = findings;
  const { metric, split } = recipe.evaluation;
  const judgedOn: ImageSplit | undefined = data.task?.[split];
  const stages: StageRecord[] = [...pretraining, ...models.map(({ record }) => record), ...labelEfficiency];
  const firsts = [...groupBy(models, ({ record }) => record.method)].map(
    ([method, [first]]) => [method, first!.report] as const,
  );
  return {
    kind: "run",
    version: 1,
    name: recipe.name,
    title: recipe.title,
    notice: researchUseNotice,
    synthetic: data.synthetic,
    metric,
    split,
    floor: floorOf(recipe, data.task?.card) ?? null,
    methods: summariseMethods(models, metric),
    comparisons: judgedOn === undefined ? [] : compareMethods(models, metric, judgedOn),
    labelEfficiency: summariseLabelEfficiency([...labelEfficiency, ...scoresWithAllLabels(recipe, models)], metric),
    evaluations: Object.fromEntries(firsts),
    datasets: data.datasets.map((dataset) => ({ ...describeDatasetOfImages(dataset) })),
    stages,
    cost: totalCost(stages),
    environment,
  };
}
