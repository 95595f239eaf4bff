/** A small network, data and settings with which tests see whether anything is learned, in seconds. */
import { adapt, type AdaptationMethod } from "../adaptation/index.ts";
import { takeRows } from "../data/index.ts";
import { evaluateMeasures } from "../evaluation/index.ts";
import { type Backbone, vit } from "../models/index.ts";
import { maskedImageModelling, pretrain, type Pretrained } from "../pretraining/index.ts";
import { classification, measureAnswers } from "../tasks/index.ts";
import type { TrainingInput } from "../training/index.ts";
import { patternClasses, patterns, patternSide } from "./patterns.ts";

/** A vision transformer without weights. */
export const vision = vit({
  imageSize: patternSide,
  patchSize: 4,
  channels: 1,
  width: 32,
  depth: 2,
  heads: 2,
  pooling: "mean",
  positions: "sineCosine",
});

/** What it is pretrained for. */
export const objective = maskedImageModelling({ maskRatio: 0.5, decoder: { width: 32, depth: 1, heads: 2 } });

const [unlabelled, labelled] = [patterns("unlabelled", 512), patterns("labelled", 256)];

/** Images that nothing is trained on. */
export const unseen = patterns("unseen", 160);

/** Share that is right by chance. */
export const chance = 1 / patternClasses.length;

/** Pretrains the network, or goes on from one with weights: 8 steps an epoch. */
export const pretrained = (settings: TrainingInput, from: Backbone = vision): Promise<Pretrained> =>
  pretrain(from, objective, unlabelled, {
    batchSize: 64,
    learningRate: 4e-3,
    ...settings,
    seed: 1,
    workers: 0,
    transforms: [],
  });

/** How well a model does on images that were not trained on. */
export interface Scores {
  readonly accuracy: number;
  /** Mean negative log-probability of the true class; lower is better. */
  readonly logLoss: number;
}

/**
 * Adapts a backbone to the classes of images and evaluates the model.
 *
 * @param settings.examples number of labelled images, as many of each class; all 256 where it is left out
 */
export async function scoresAfter(
  backbone: Backbone,
  method: AdaptationMethod,
  { examples = labelled.length, seed = 1, learningRate = 0.02 } = {},
): Promise<Scores> {
  const rows = Int32Array.from({ length: examples }, (_, i) => (examples * seed + i) % labelled.length);
  const task = classification({ classes: [...patternClasses] });
  const model = await adapt(backbone, task, {
    method,
    data: takeRows(labelled, rows),
    steps: 64,
    batchSize: 32,
    learningRate,
    seed,
    workers: 0,
  });
  const { measures } = await measureAnswers(model, task, unseen);
  await model.release();
  const { metrics } = evaluateMeasures(task.evaluation, measures, { resamples: 1 });
  return { accuracy: metrics["accuracy"]!.value!, logLoss: metrics["logLoss"]!.value! };
}
