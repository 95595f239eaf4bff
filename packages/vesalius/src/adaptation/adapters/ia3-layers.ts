import { type Graph, type Node, type Readers, readersOf, type Value } from "../../graph/index.ts";
import { type AdaptableLayer, adaptableLayers } from "../layers.ts";

/** Operators that make hidden activations of a feed-forward network what they are, and parts of them. */
const activations: ReadonlySet<string> = new Set(
  "Relu LeakyRelu PRelu Elu Celu Selu Softplus Mish Gelu Erf Tanh Sigmoid HardSigmoid HardSwish Swish".split(" "),
);

/** Whether a value is computed from parameters and constants alone. */
const isOfWeights = (value: Value | undefined): boolean =>
  value?.node === undefined ? value?.kind !== "input" : value.node.inputs.every(isOfWeights);

/** Whether a node is a product of two computed values, as those of attention are, rather than one with a weight. */
const isOfComputed = ({ type, inputs }: Node): boolean =>
  type === "MatMul" && inputs.every((input) => !isOfWeights(input));

/** The nodes before a value, nearest first, up to those at which the walk ends; these are given too. */
function before(value: Value, ends: (node: Node) => boolean): Node[] {
  const found = new Set<Node>();
  const queue = value.node === undefined ? [] : [value.node];
  for (const node of queue) {
    if (found.has(node)) continue;
    found.add(node);
    if (ends(node)) continue;
    for (const input of node.inputs) if (input?.node !== undefined) queue.push(input.node);
  }
  return [...found];
}

/** The product with which attention's weights, after dropout and the like, sum the values. */
function sumOfValues(weights: Value, readers: Readers): Node | undefined {
  const seen = new Set<Value>();
  const queue = [weights];
  for (const value of queue) {
    if (seen.has(value)) continue;
    seen.add(value);
    for (const reader of readers.get(value) ?? []) {
      if (reader === undefined || reader.gradient !== undefined) continue;
      if (isOfComputed(reader)) return reader;
      if (["Cast", "Identity", "Mul", "Dropout", "Where", "Reshape"].includes(reader.type))
        queue.push(...reader.outputs);
    }
  }
  return undefined;
}

/** What (IA)3 rescales of the layers of a graph, by the names of their modules. */
export interface RescaledLayers {
  /** Projections to attention's keys and values; one that makes queries too is rescaled as a whole. */
  readonly keysAndValues: ReadonlySet<string>;
  /** Projections that read the hidden activations of a feed-forward network. */
  readonly feedForward: ReadonlySet<string>;
}

/**
 * The layers that (IA)3 rescales by its definition (Liu et al. 2022), found by what the graph computes, whatever the
 * layers are called: keys and values of every attention, and hidden activations of every feed-forward network.
 */
export function rescaledLayers(graph: Graph): RescaledLayers {
  const layers = adaptableLayers(graph).filter(({ kind, matrix }) => kind === "linear" && matrix === undefined);
  const readers = readersOf(graph);
  const byResult = new Map(layers.map((layer) => [layer.result, layer]));
  const isLayer = (node: Node): boolean => byResult.has(node);
  const layersBefore = (value: Value): string[] =>
    before(value, isLayer).flatMap((node) => byResult.get(node)?.module ?? []);
  const keysAndValues = graph.nodes.flatMap((node) => {
    if (node.type !== "Softmax" || node.gradient !== undefined) return [];
    const scores = before(node.inputs[0]!, isOfComputed).find(isOfComputed);
    const sum = sumOfValues(node.outputs[0]!, readers);
    if (scores === undefined || sum === undefined) return [];
    return [scores, sum].flatMap(({ inputs }) => layersBefore(inputs[1]!));
  });
  const readsHidden = ({ node }: AdaptableLayer): boolean => {
    const path = before(node.inputs[0]!, isLayer);
    return path.some(isLayer) && path.some(({ type }) => activations.has(type)) && !path.some(isOfComputed);
  };
  const feedForward = layers.filter(readsHidden).map(({ module }) => module);
  return { keysAndValues: new Set(keysAndValues), feedForward: new Set(feedForward) };
}
