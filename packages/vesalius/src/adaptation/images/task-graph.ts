import { VesaliusError } from "../../common/errors.ts";
import { elementCount, Graph, initializeParameters, type Tensor, type Tensors } from "../../graph/index.ts";
import {
  type Backbone,
  backboneFeatures,
  checkWeights,
  inputShape,
  layerOf,
  mayBeUnused,
  startsNew,
} from "../../models/index.ts";
import type { AdaptationMethod } from "../method.ts";
import type { Task } from "./task.ts";

/** Graph of a task on a backbone: inputs `images` and `labels`, outputs `output` and `loss`. */
export function taskGraph(backbone: Backbone, task: Task<unknown>, batchSize: number): Graph {
  const graph = new Graph(task.name);
  const images = graph.input("images", "float32", [batchSize, ...inputShape(backbone)]);
  const labels = graph.input("labels", "int32", [batchSize]);
  const output = task.head(backboneFeatures(backbone, images).pooled);
  graph.output("output", output);
  graph.output("loss", task.loss(output, labels));
  return graph;
}

/** Starting weights: new ones from the seed, and over them the pretrained ones, checked name by name. */
export function startingWeights(graph: Graph, backbone: Backbone, method: AdaptationMethod, seed: number): Tensors {
  const weights = initializeParameters(graph, seed);
  if (!method.pretrained) return weights;
  if (backbone.weights === undefined)
    throw new VesaliusError(
      "bad-configuration",
      `${method.name} needs a pretrained backbone, this one has no weights`,
      {
        fix: "pretrain or load it first, or use the method scratch",
      },
    );
  const loaded = checkWeights(graph, backbone.weights, {
    where: "the backbone",
    mayMiss: startsNew,
    mayBeLeft: mayBeUnused,
  });
  return new Map([...weights, ...loaded]);
}

/** What methods ask of a network, for a vision transformer. */
export const layersOf = (backbone: Backbone) => ({
  layers: backbone.config.depth,
  layerOf: (name: string): number => layerOf(backbone, name),
});

export const countElements = (graph: Graph, names: Iterable<string>): number =>
  [...names].reduce((total, name) => total + elementCount(graph.parameters.get(name)!.shape), 0);

/** Names of the parameters that the head adds to the backbone. */
export function headNames(backbone: Backbone, graph: Graph): Set<string> {
  const plain = new Graph();
  backboneFeatures(backbone, plain.input("images", "float32", [1, ...inputShape(backbone)]));
  return new Set([...graph.parameters.keys()].filter((name) => !plain.parameters.has(name)));
}

export const input = (graph: Graph, name: string, data: Float32Array | Int32Array): [string, Tensor] => {
  const { dtype, shape } = graph.inputs.get(name)!;
  return [name, { dtype, shape, data }];
};
