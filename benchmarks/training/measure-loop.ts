import { adapt, fullFineTuning } from "vesalius/adaptation";
import { type Split, syntheticRadiographs } from "vesalius/data";
import { initializeParameters } from "vesalius/graph";
import { pretrain } from "vesalius/pretraining";
import { classification, exportTypes, featureGraph, roleParts } from "vesalius/tasks";
import { pickTraining, type TrainingTime } from "vesalius/training";
import { answer, askedFor } from "../measuring/child.ts";
import { loopAnswerSchema, loopQuestionSchema } from "./messages.ts";
import { pneumoniaRecipe } from "./recipe.ts";

const { run, steps } = askedFor(loopQuestionSchema);
const { backbone, objective, pretraining, fineTuning } = await pneumoniaRecipe();
const imageSize = Number(backbone.network.config["imageSize"]);

/** Drawn images; what they show does not change the time. */
function images(train: number): Split {
  return syntheticRadiographs({ count: { train, validation: 0, test: 0 }, imageSize }).splits["train"]!;
}

/** Full fine-tuning as `adapt` does it, from random weights: what the weights are does not change the time. */
async function fineTune(): Promise<TrainingTime> {
  const graph = featureGraph(backbone, exportTypes(roleParts(backbone), 1, {}));
  const { layerDecay, transforms } = fineTuning;
  const { epochs: _epochs, ...settings } = pickTraining(fineTuning);
  const model = await adapt(
    { ...backbone, weights: initializeParameters(graph, 1) },
    classification({ classes: ["clear", "opacity"] }),
    {
      ...settings,
      method: fullFineTuning({ layerDecay }),
      data: images(2000),
      steps,
      ...(transforms === undefined ? {} : { transforms }),
    },
  );
  return model.training!.result.time;
}

/** Pretraining as `pretrain` does it, for as many images as one epoch of the wanted steps has. */
async function pretrainOnce(): Promise<TrainingTime> {
  const { transforms } = pretraining;
  const { pretraining: record } = await pretrain(backbone, objective, images(steps * pretraining.batchSize), {
    ...pickTraining(pretraining),
    epochs: 1,
    ...(transforms === undefined ? {} : { transforms }),
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
