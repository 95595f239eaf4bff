import type { InputTypes } from "../data/index.ts";
import { Graph } from "../graph/index.ts";
import type { Backbone, Features, HiddenPlaces } from "../models/index.ts";
import { backboneFeaturesOf, graphInputs, lossName } from "../tasks/index.ts";
import type { Objective } from "./objective.ts";

/** Prefix of the outputs that are computed when something is shown. */
export const shownPrefix = "shown.";

/** Equal requests give equal keys, so that they share one forward pass. */
const requestKey = (
  parts: Readonly<Record<string, string>> | undefined,
  hidden: Readonly<Record<string, HiddenPlaces>> | undefined,
  training: boolean,
): string =>
  JSON.stringify([
    training,
    parts,
    Object.entries(hidden ?? {}).map(([role, { visible, masked }]) => [role, visible?.name, masked?.name]),
  ]);

/** Graph of an objective: inputs as the batches have them, output `loss`, one for each term, and what can be shown. */
export function objectiveGraph(
  backbone: Backbone,
  objective: Objective,
  types: InputTypes,
  rows: number,
): { readonly graph: Graph; readonly terms: readonly string[] } {
  const graph = new Graph(objective.name);
  const inputs = graphInputs(graph, types);
  const known = new Map<string, Features>();
  const {
    loss,
    terms = {},
    shown = {},
  } = objective.loss({
    inputs,
    rows,
    backbone,
    training: true,
    features(asked = {}, hidden, training = true) {
      // A role that reads the part of its own name asks for nothing.
      const named = Object.entries(asked).filter(([role, part]) => role !== part);
      const parts = named.length === 0 ? undefined : Object.fromEntries(named);
      const key = requestKey(parts, hidden, training);
      const features =
        known.get(key) ??
        backboneFeaturesOf(backbone, inputs, {
          training,
          ...(parts === undefined ? {} : { parts }),
          ...(hidden === undefined ? {} : { hidden }),
        });
      known.set(key, features);
      return features;
    },
  });
  graph.output(lossName, loss);
  for (const [name, value] of Object.entries(terms)) graph.output(name, value);
  for (const [name, value] of Object.entries(shown)) graph.output(`${shownPrefix}${name}`, value);
  return { graph, terms: Object.keys(terms) };
}
