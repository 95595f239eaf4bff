import { partsOfMethod, type RunParts } from "./run-parts.ts";
import { inStudy } from "../resolve/studies.ts";
import type { Study, StudyPoint } from "../studies/study.ts";
import type { AdaptationPlan, AdaptationStage } from "./adaptation/adaptation-plan.node.ts";
import { adaptationDecides, planAdaptation } from "./adaptation/adaptation-stage.node.ts";
import { type EvaluationStage, planEvaluation } from "./adaptation/evaluation-stage.node.ts";
import { type BaselineStage, planBaseline } from "./baselines/baseline-stage.node.ts";
import { contentKey } from "./key.ts";
import { type Fold, foldsOf, partsOfFold } from "./points/fold-parts.ts";
import { planPoint, pointName } from "./points/point-stage.node.ts";
import { planPretraining, type PretrainingStage, pretrainingSeeds } from "./pretraining/pretraining-stage.node.ts";
import type { Stage } from "./stage.ts";

/** A model with the stages that make and evaluate it. */
export interface PlannedModel {
  readonly adaptation: AdaptationStage;
  readonly evaluation: EvaluationStage;
}

/** A study with the stage that answers each of its points: one of its own, or one of the adaptation's. */
export interface PlannedStudy {
  readonly study: Study;
  readonly points: readonly {
    readonly point: StudyPoint;
    readonly stage: Stage<"evaluation"> | Stage<"point">;
    /** The adaptation whose model is evaluated, where the point trains none. */
    readonly adaptation?: AdaptationStage;
    /** The fold that it is adapted to and evaluated on, in place of the run's splits. */
    readonly fold?: Fold;
  }[];
}

/** Everything that a run does, in the order in which it is done and reported. */
export interface RunPlan {
  readonly pretrainings: readonly PretrainingStage[];
  readonly models: readonly PlannedModel[];
  readonly baselines: readonly BaselineStage[];
  readonly studies: readonly PlannedStudy[];
  /** All stages, each once. */
  readonly stages: readonly Stage[];
}

/**
 * Plans a run: pretraining, every method with every seed and its evaluation, baselines, studies.
 *
 * @throws RecipeProblem for studies that do not fit the data; VesaliusError for an objective, task and network that do not
 * fit each other
 */
export function planRun(parts: RunParts): RunPlan {
  const { recipe, catalogues } = parts;
  const adaptation = recipe.adaptation ?? { seeds: [], methods: [] };
  const studies = (recipe.studies ?? []).map((spec, i) => {
    const data = studyData(parts);
    const given = catalogues.studies.create(spec);
    const small = parts.smoke ? given.small?.(data) : undefined;
    const study = small === undefined ? given : catalogues.studies.create({ name: spec.name, ...small });
    return { study, points: inStudy(i, () => study.points(data)) };
  });
  const folds = foldsOf(parts);
  const seeds = [...adaptation.seeds, ...studies.flatMap(({ points }) => points.map(({ seed }) => seed))];
  const pretrainings = pretrainingSeeds(parts, seeds).map((seed) => planPretraining(parts, seed));
  /** What a method starts from; nothing of the run's where it has a backbone of its own. */
  const pretrainingOf = (label: string, seed: number): PretrainingStage | undefined =>
    parts.own.has(label) ? undefined : (pretrainings.find((stage) => stage.seed === seed) ?? pretrainings[0]);

  const models = adaptation.methods.flatMap((method) =>
    adaptation.seeds.map((seed): PlannedModel => {
      const own = partsOfMethod(parts, method.label);
      const stage = planAdaptation(own, { method, seed }, pretrainingOf(method.label, seed));
      return { adaptation: stage, evaluation: planEvaluation(own, stage) };
    }),
  );
  const baselines = recipe.evaluation.baselines.map((spec) => planBaseline(parts, spec));
  const planned = studies.map(({ study, points }): PlannedStudy => {
    return { study, points: points.map((point) => ({ point, ...stageOf(study.name, point) })) };
  });

  /** A point that trains what the adaptation trains is one of its models. */
  function stageOf(study: string, point: StudyPoint): Omit<PlannedStudy["points"][number], "point"> {
    const { seed, sample, training, without = [] } = point;
    const method = adaptation.methods.find(({ label }) => label === point.method)!;
    const plan: AdaptationPlan = { method, seed, sample, training };
    const pretraining = pretrainingOf(method.label, seed);
    const fold = folds(point);
    const own = partsOfFold(partsOfMethod(parts, method.label), fold);
    if (fold !== undefined) return { stage: planPoint(own, study, point, plan, pretraining), fold };
    const key = contentKey(adaptationDecides(own, plan, pretraining));
    const model = models.find((one) => one.adaptation.key === key);
    if (model === undefined) return { stage: planPoint(own, study, point, plan, pretraining) };
    const stage =
      without.length === 0
        ? model.evaluation
        : planEvaluation(own, model.adaptation, { without, name: pointName(study, point) });
    return { stage, adaptation: model.adaptation };
  }

  const stages = [
    ...pretrainings,
    ...models.flatMap((model) => [model.adaptation, model.evaluation]),
    ...baselines,
    ...planned.flatMap(({ points }) => points.map(({ stage }) => stage)),
  ];
  return {
    pretrainings,
    models,
    baselines,
    studies: planned,
    stages: [...new Map(stages.map((stage) => [stage.name, stage])).values()],
  };
}

const studyData = ({ task, data, start }: RunParts) => ({
  task: task!,
  train: data.train!,
  roles: Object.keys(start.network.reads),
  optional: start.network.optional ?? [],
});
