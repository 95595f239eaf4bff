import type { InputTypes } from "../data/index.ts";
import { Graph, type GraphBounds } from "../graph/index.ts";
import { completeGraph } from "../generation/index.ts";
import type { Backbone } from "../models/index.ts";
import { backboneFeaturesOf, graphInputs, touchFeatures } from "./feed-graph.ts";
import type { Task } from "./task.ts";

/** Name of the scalar output to minimise. */
export const lossName = "loss";

/** Graph of a task in training: inputs as the batches have them, output `loss`, and one for each term of it. */
export function trainingGraph(
  backbone: Backbone,
  task: Task,
  types: InputTypes,
  rows: number,
): { readonly graph: Graph; readonly terms: readonly string[] } {
  const graph = new Graph(task.name);
  const inputs = graphInputs(graph, types);
  const context = { inputs, rows, backbone, training: true };
  const outputs = task.head(backboneFeaturesOf(backbone, inputs, { training: true }), context);
  const { loss, terms = {} } = task.loss(outputs, context);
  graph.output(lossName, loss);
  for (const [name, value] of Object.entries(terms)) graph.output(name, value);
  return { graph, terms: Object.keys(terms) };
}

/**
 * Graph of a task at prediction: the task's answers as outputs.
 *
 * @param bounds how large it may become
 * @throws VesaliusError `checkpoint-mismatch` beyond them
 */
export function answerGraph(
  backbone: Backbone,
  task: Task,
  types: InputTypes,
  rows: number,
  bounds?: GraphBounds,
): Graph {
  const graph = new Graph(task.name, bounds);
  const inputs = graphInputs(graph, types);
  const context = { inputs, rows, backbone, training: false };
  const outputs = task.head(backboneFeaturesOf(backbone, inputs, { training: false }), context);
  for (const [name, value] of Object.entries(task.answers(outputs))) graph.output(name, value);
  return graph;
}

/** Names of the parameters of what writes texts; none of a network that writes none. */
export function decoderParameters({ network }: Pick<Backbone, "network">): ReadonlySet<string> {
  const definition = network.decoder?.();
  return new Set(definition === undefined ? [] : completeGraph(definition).parameters.keys());
}

/** Names of the parameters that are the backbone's own: those of its features and of its decoder. */
export const ownParameters = (backbone: Backbone, types: InputTypes): ReadonlySet<string> =>
  new Set([...featureGraph(backbone, types).parameters.keys(), ...decoderParameters(backbone)]);

/**
 * Graph of everything that a backbone computes, whose parameters are the backbone's own.
 *
 * @param bounds how large it may become
 * @throws VesaliusError `checkpoint-mismatch` beyond them
 */
export function featureGraph(backbone: Backbone, types: InputTypes, bounds?: GraphBounds): Graph {
  const graph = new Graph("features", bounds);
  touchFeatures(graph, backboneFeaturesOf(backbone, graphInputs(graph, types), { training: false }));
  return graph;
}
