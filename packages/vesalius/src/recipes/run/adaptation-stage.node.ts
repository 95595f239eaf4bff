import { adaptOnLabelledImages as adapt, type ImageAdaptOptions as AdaptOptions } from "../../adaptation/index.ts";
import {
  classification,
  describePredictions,
  type ImageClassifier,
  predictionsCsv,
} from "../../applications/vision/index.ts";
import { loadClassifier } from "../../applications/vision/load-classifier.node.ts";
import { type ImageDataset, type ImageSplit, stratifiedSampleOfImages } from "../../data/index.ts";
import { evaluateClassification, type ClassificationReport } from "../../evaluation/index.ts";
import type { Backbone } from "../../models/index.ts";
import type { RunOptions } from "../../training/index.ts";
import type { ResolvedMethod } from "../resolve.ts";
import { createMethod } from "../schema/methods.ts";
import type { EvaluationSettings } from "../schema.ts";
import { type RunContext, runStage } from "./stage.node.ts";
import type { JudgedModel } from "./judged-model.ts";
import type { AdaptationStageRecord, LabelEfficiencyRecord } from "./stage-record.ts";

export const adaptationStageName = (label: string, seed: number): string => `adaptation/${label}-seed${seed}`;
export const labelEfficiencyStageName = (label: string, count: number | "all", seed: number): string =>
  `label-efficiency/${label}-${count}-seed${seed}`;

/** The split that models are judged on; `checkRecipeData` made sure that it is there. */
export const evaluationSplit = (dataset: ImageDataset, { split }: EvaluationSettings): ImageSplit => dataset[split]!;

/** Backbones for methods with and without pretraining. */
export interface Backbones {
  readonly start: Backbone;
  /** What an adaptation with this seed starts from. */
  readonly pretrained: (seed: number) => Backbone | undefined;
}

function adaptOptions(method: ResolvedMethod, options: RunOptions, workers: number) {
  const { epochs, steps, batchSize, learningRate, weightDecay, warmupFraction, clipNorm, transforms } = method;
  const { emaDecay, recomputation } = method;
  return {
    ...options,
    method: createMethod(method),
    epochs,
    batchSize,
    learningRate,
    weightDecay,
    warmupFraction,
    clipNorm,
    transforms,
    workers,
    ...(steps === undefined ? {} : { steps }),
    ...(emaDecay === undefined ? {} : { emaDecay }),
    ...(recomputation === undefined ? {} : { recomputation }),
  };
}

async function adaptModel(
  context: RunContext,
  backbones: Backbones,
  method: ResolvedMethod,
  options: Omit<AdaptOptions, "method"> & { readonly seed: number },
): Promise<ImageClassifier> {
  const { task } = context.data;
  const settings = adaptOptions(method, options, context.workers);
  const backbone = settings.method.pretrained
    ? backbones.pretrained(options.seed)!
    : { ...backbones.start, weights: undefined };
  const head = classification(task!.labels, { labelSmoothing: context.recipe.adaptation!.labelSmoothing });
  return adapt(backbone, head, {
    ...options,
    ...settings,
    ...(options.steps === undefined ? {} : { steps: options.steps }),
  });
}

/** Estimates of a classifier's answers on the recipe's split. */
function evaluatePredictions(
  context: RunContext,
  probabilities: Float32Array,
  resamples: number,
): ClassificationReport {
  const { evaluation, seed } = context.recipe;
  const { labels: classNames } = context.data.task!;
  const { labels, attributes, groups, ids } = evaluationSplit(context.data.task!, evaluation);
  return evaluateClassification({
    labels: labels!,
    probabilities,
    classNames,
    attributes,
    // Names of image files can hold names of patients, and reports of restricted data get around.
    ...(context.data.task!.card.restricted ? {} : { ids }),
    ...(groups === undefined ? {} : { groups }),
    ...(evaluation.positiveClass === undefined ? {} : { positiveClass: evaluation.positiveClass }),
    orderedClasses: evaluation.orderedClasses,
    minimumSubgroupSize: evaluation.minimumSubgroupSize,
    seed,
    resamples,
  });
}

const recordOf = (model: ImageClassifier) => {
  const { settings, examples, seed, trainedParameters, parameters, result } = model.training!;
  return {
    settings: { ...settings },
    images: examples,
    seed,
    trainedParameters,
    parameters,
    steps: result.steps,
    history: [...result.history],
    time: result.time,
  };
};

/** Folder of an adapted model inside the run's. */
export const modelFolder = (label: string, seed: number): string => `models/${label}-seed${seed}`;

/** Adapts the backbone with one method and seed, and saves the model with its answers on the split. */
export async function adaptationStage(
  context: RunContext,
  backbones: Backbones,
  method: ResolvedMethod,
  seed: number,
): Promise<JudgedModel> {
  const { folder } = context;
  const { task } = context.data;
  const target = modelFolder(method.label, seed);
  const split = evaluationSplit(task!, context.recipe.evaluation);
  const record = await runStage<AdaptationStageRecord>(
    context,
    adaptationStageName(method.label, seed),
    "adaptation",
    async (options) => {
      const model = await adaptModel(context, backbones, method, { ...options, data: task!.train, seed });
      await model.save(folder.file(target));
      return { kind: "adaptation", method: method.label, ...recordOf(model) };
    },
  );
  // Always read back, so that what is judged is what the folder holds, interrupted or not.
  const saved = await loadClassifier(folder.file(target));
  const probabilities = await saved.predict(split, { backend: context.backend });
  const predictions = describePredictions(split, saved.labels, probabilities);
  await folder.write(`${target}/predictions.csv`, predictionsCsv(predictions, saved.labels));
  const report = evaluatePredictions(context, probabilities, context.recipe.evaluation.resamples);
  return { record, folder: target, probabilities, report };
}

/**
 * Adapts with a sample of the training images and a fixed number of steps, or with all of them for as long as the
 * adaptation itself; only the figure is kept.
 */
export function labelEfficiencyStage(
  context: RunContext,
  backbones: Backbones,
  method: ResolvedMethod,
  count: number | "all",
  seed: number,
): Promise<LabelEfficiencyRecord> {
  const { evaluation, labelEfficiency } = context.recipe;
  const { train } = context.data.task!;
  const stage = labelEfficiencyStageName(method.label, count, seed);
  return runStage<LabelEfficiencyRecord>(context, stage, "labelEfficiency", async (options) => {
    const data = count === "all" ? train : stratifiedSampleOfImages(train, count, seed);
    const model = await adaptModel(context, backbones, method, {
      ...options,
      data,
      seed,
      ...(count === "all" ? {} : { steps: labelEfficiency!.steps }),
    });
    const probabilities = await model.predict(evaluationSplit(context.data.task!, evaluation), {
      backend: context.backend,
    });
    // One resample is the least that is allowed; only the figure itself is used.
    const { figures } = evaluatePredictions(context, probabilities, 1);
    return {
      kind: "labelEfficiency",
      method: method.label,
      score: figures[evaluation.metric]?.value ?? null,
      ...recordOf(model),
    };
  });
}
