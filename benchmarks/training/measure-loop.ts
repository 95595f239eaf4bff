import { adaptOnLabelledImages as adapt, fullFineTuning } from "vesalius/adaptation";
import { classification } from "vesalius/applications/vision";
import { syntheticRadiographsOfImages } from "vesalius/data";
import { Graph, initializeParameters } from "vesalius/graph";
import { backboneFeatures, inputShape } from "vesalius/models";
import { pretrainOnImages as pretrain } from "vesalius/pretraining";
import type { TrainingTime } from "vesalius/training";
import { answer, askedFor } from "../measuring/child.ts";
import { loopAnswerSchema, loopQuestionSchema } from "./messages.ts";
import { pneumoniaRecipe } from "./recipe.ts";

const { run, steps } = askedFor(loopQuestionSchema);
const { backbone, objective, pretraining, fineTuning } = await pneumoniaRecipe();
const { imageSize } = backbone.config;

/** Full fine-tuning as `adapt` does it, from random weights: what the weights are does not change the time. */
async function fineTune(): Promise<TrainingTime> {
  const { train, labels } = syntheticRadiographsOfImages({ count: { train: 2000, validation: 0, test: 0 }, imageSize });
  const graph = new Graph();
  backboneFeatures(backbone, graph.input("images", "float32", [1, ...inputShape(backbone)]));
  const { layerDecay, batchSize, learningRate, weightDecay, clipNorm, transforms } = fineTuning;
  const model = await adapt({ ...backbone, weights: initializeParameters(graph, 1) }, classification(labels), {
    method: fullFineTuning({ layerDecay }),
    data: train,
    steps,
    batchSize,
    learningRate,
    weightDecay,
    clipNorm,
    transforms,
  });
  return model.training!.result.time;
}

/** Pretraining as `pretrain` does it, for as many images as one epoch of the wanted steps has. */
async function pretrainOnce(): Promise<TrainingTime> {
  const { batchSize, learningRate, weightDecay, clipNorm, transforms } = pretraining;
  const count = { train: steps * batchSize, validation: 0, test: 0 };
  const { train } = syntheticRadiographsOfImages({ count, imageSize });
  const { pretraining: record } = await pretrain(backbone, objective, train, {
    epochs: 1,
    batchSize,
    learningRate,
    weightDecay,
    clipNorm,
    transforms,
  });
  return record.result.time;
}

const { total, engine, waiting } = await (run === "fineTuning" ? fineTune() : pretrainOnce());
answer(loopAnswerSchema, {
  outsideEngine: 1 - engine / total,
  waiting: waiting / total,
  examplesPerSecond: (steps * (run === "fineTuning" ? fineTuning : pretraining).batchSize) / total,
  peakMemory: process.resourceUsage().maxRSS * 1024,
});
