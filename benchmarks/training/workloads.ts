import { fullFineTuning } from "vesalius/adaptation";
import { crossEntropy, Graph, reshape, type Value } from "vesalius/graph";
import { type BertConfig, bertConfigSchema, bertEncoder, bertMaskedLanguageHead } from "vesalius/models";
import { objectiveGraph } from "vesalius/pretraining";
import { classification, exportTypes, featureGraph, type Task, trainingGraph } from "vesalius/tasks";
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

const classes = ["normal", "pneumonia"];

async function fineTuningWorkload(): Promise<Workload> {
  const { backbone, fineTuning } = await pneumoniaRecipe();
  const { batchSize, weightDecay, clipNorm, layerDecay } = fineTuning;
  const task = classification({ classes }) as unknown as Task;
  const types = exportTypes(task.feeds(backbone).parts, batchSize, {});
  const { graph } = trainingGraph(backbone, task, types, batchSize);
  const own = featureGraph(backbone, types).parameters;
  const method = fullFineTuning({ layerDecay });
  const decay = decayMatrices();
  const policy = (parameter: Value) =>
    own.has(parameter.name) ? method.policy(parameter, backbone.network) : decay(parameter);
  return {
    label: "ViT fine-tuning",
    graph,
    options: { optimizer: adamW({ weightDecay }), policy, clipNorm },
    batchSize,
    bounds: { "target.classes": classes.length },
  };
}

async function pretrainingWorkload(): Promise<Workload> {
  const { backbone, objective, pretraining } = await pneumoniaRecipe();
  const { batchSize, weightDecay, clipNorm } = pretraining;
  const types = exportTypes(objective.feeds(backbone).parts, batchSize, {});
  return {
    label: "MAE pretraining",
    graph: objectiveGraph(backbone, objective, types, batchSize).graph,
    options: { optimizer: adamW({ betas: [0.9, 0.95], weightDecay }), policy: decayMatrices(), clipNorm },
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
