import { fullFineTuning } from "vesalius/adaptation";
import { classification } from "vesalius/applications/vision";
import { crossEntropy, Graph, reshape, type Value } from "vesalius/graph";
import {
  backboneFeatures,
  type BertConfig,
  bertConfigSchema,
  bertEncoder,
  bertMaskedLanguageHead,
  inputShape,
  layerOf,
  isFixed,
  startsNew,
} from "vesalius/models";
import { adamW, decayMatrices } from "vesalius/training";
import type { Workload } from "../measuring/step.ts";
import { pneumoniaRecipe } from "./recipe.ts";

const bert: BertConfig = bertConfigSchema.parse({
  vocabularySize: 8000,
  width: 256,
  depth: 4,
  heads: 4,
  hiddenWidth: 1024,
});

function bertWorkload(): Workload {
  const [batchSize, length] = [16, 128];
  const graph = new Graph("bert");
  const tokens = graph.input("tokens", "int32", [batchSize, length]);
  const targets = graph.input("targets", "int32", [batchSize * length]);
  const logits = bertMaskedLanguageHead(bertEncoder({ tokens }, bert), bert);
  graph.output("loss", crossEntropy(reshape(logits, [batchSize * length, bert.vocabularySize]), targets));
  return {
    label: "BERT",
    graph,
    options: { optimizer: adamW(), clipNorm: 1 },
    batchSize,
    bounds: { tokens: bert.vocabularySize, targets: bert.vocabularySize },
  };
}

const labels = ["normal", "pneumonia"];

async function fineTuningWorkload(): Promise<Workload> {
  const { backbone, fineTuning } = await pneumoniaRecipe();
  const { batchSize, weightDecay, clipNorm, layerDecay } = fineTuning;
  const task = classification(labels);
  const method = fullFineTuning({ layerDecay });
  const decay = decayMatrices();
  const graph = new Graph("vision transformer");
  const images = graph.input("images", "float32", [batchSize, ...inputShape(backbone)]);
  const targets = graph.input("labels", "int32", [batchSize]);
  graph.output("loss", task.loss(task.head(backboneFeatures(backbone, images).pooled), targets));
  const policy = (parameter: Value) =>
    startsNew(parameter.name)
      ? decay(parameter)
      : method.policy(parameter, { layers: backbone.config.depth, layerOf: (name) => layerOf(backbone, name) });
  return {
    label: "ViT fine-tuning",
    graph,
    options: { optimizer: adamW({ weightDecay }), policy, clipNorm },
    batchSize,
    bounds: { labels: labels.length },
  };
}

async function pretrainingWorkload(): Promise<Workload> {
  const { backbone, objective, pretraining } = await pneumoniaRecipe();
  const { batchSize, weightDecay, clipNorm } = pretraining;
  return {
    label: "MAE pretraining",
    graph: objective.build(backbone, batchSize),
    options: {
      optimizer: adamW({ betas: [0.9, 0.95], weightDecay }),
      policy: decayMatrices((name) => !isFixed(backbone, name)),
      clipNorm,
    },
    batchSize,
    bounds: {},
  };
}

/** The training steps that are measured, by name. */
export const workloads = {
  bert: () => Promise.resolve(bertWorkload()),
  fineTuning: fineTuningWorkload,
  pretraining: pretrainingWorkload,
} as const satisfies Record<string, () => Promise<Workload>>;

/** Name of a measured training step. */
export type WorkloadName = keyof typeof workloads;
