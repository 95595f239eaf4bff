import type { InputTypes } from "../data/index.ts";
import { type Graph, type Tensors, type Value } from "../graph/index.ts";
import type { Backbone, Features, HiddenPlaces, InputValues } from "../models/index.ts";

/** Adds the inputs of batches to a graph: `image.pixels` becomes `inputs.image.pixels`. */
export function graphInputs(graph: Graph, types: InputTypes): InputValues {
  const inputs: Record<string, Record<string, Value>> = {};
  for (const [name, { dtype, shape }] of Object.entries(types)) {
    const [part, input] = name.split(".") as [string, string];
    (inputs[part] ??= {})[input] = graph.input(name, dtype, shape);
  }
  return inputs;
}

/** What of the inputs a network reads. */
export interface FeatureRequest {
  readonly training: boolean;
  /** The part that each role reads; the part of the role's own name where it is left out. */
  readonly parts?: Readonly<Record<string, string>>;
  readonly hidden?: Readonly<Record<string, HiddenPlaces>>;
}

/** Most operators of a network: many times what the deepest in use have, and built in a second or two. */
const mostOperators = 40_000;

/**
 * Features of a backbone from the inputs of a graph.
 *
 * @throws VesaliusError `bad-configuration` for a network of more operators than any in use
 */
export function backboneFeaturesOf(
  { network }: Backbone,
  inputs: InputValues,
  { training, parts = {}, hidden }: FeatureRequest,
): Features {
  // A role that nothing is prepared for is named by the network that misses it.
  const roles = Object.keys(network.reads).flatMap((role) => {
    const found = inputs[parts[role] ?? role];
    return found === undefined ? [] : [[role, found] as const];
  });
  const build = () =>
    network.features(Object.fromEntries(roles), { training, ...(hidden === undefined ? {} : { hidden }) });
  const graph = Object.values(inputs)
    .flatMap((values) => Object.values(values))
    .at(0)?.graph;
  return graph === undefined ? build() : graph.withinNodes(mostOperators, build);
}

/** Makes every value of features reachable from the outputs of a graph, so that its parameters can be listed. */
export function touchFeatures(graph: Graph, features: Features, prefix = "features"): void {
  const { pooled, places, leading, pyramid = [], towers = {} } = features;
  const values = { pooled, places, leading, ...Object.fromEntries(pyramid.map((value, i) => [`pyramid${i}`, value])) };
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && !graph.outputs.has(`${prefix}.${name}`)) graph.output(`${prefix}.${name}`, value);
  for (const [role, tower] of Object.entries(towers)) touchFeatures(graph, tower, `${prefix}.${role}`);
}

/** Only the feeds that a graph has an input for. */
export const feedsOf = (graph: Graph, feeds: Tensors): Tensors =>
  new Map([...feeds].filter(([name]) => graph.inputs.has(name)));
