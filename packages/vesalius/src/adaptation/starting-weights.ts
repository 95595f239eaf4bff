import { VesaliusError } from "../common/errors.ts";
import { elementCount, type Graph, initializeParameters, type Tensors } from "../graph/index.ts";
import { checkWeights, type Backbone } from "../models/index.ts";
import type { AdaptationMethod } from "./method.ts";

/** Whether a parameter of the model belongs to its head: the backbone alone does not have it. */
export type IsHead = (name: string) => boolean;

/**
 * Starting weights of a task's graph: new ones from the seed, and over them the pretrained ones, checked name by name. A
 * head that a published checkpoint has for other classes, of another number, is left: the task's own starts new.
 *
 * @throws VesaliusError `bad-configuration` for a method that needs a pretrained backbone without one;
 * `checkpoint-mismatch` listing names that do not fit
 */
export function startingWeights(
  graph: Graph,
  backbone: Backbone,
  isHead: IsHead,
  method: AdaptationMethod,
  seed: number,
): Tensors {
  if (!method.pretrained) return initializeParameters(graph, seed);
  if (backbone.weights === undefined)
    throw new VesaliusError(
      "bad-configuration",
      `${method.name} needs a pretrained backbone, this one has no weights`,
      { fix: "pretrain or load it first, or use the method scratch" },
    );
  const loaded = pretrainedWeights(graph, backbone, isHead);
  // Those of a large network are not even drawn where they are loaded.
  const fresh = initializeParameters(graph, seed, (name) => !loaded.has(name));
  return new Map([...graph.parameters.keys()].map((name) => [name, loaded.get(name) ?? fresh.get(name)!]));
}

/**
 * The weights of a backbone that a task's graph reads, checked name by name.
 *
 * @throws VesaliusError `checkpoint-mismatch` listing names that do not fit
 */
export const pretrainedWeights = (graph: Graph, { network, weights }: Backbone, isHead: IsHead): Tensors =>
  checkWeights(graph, weights!, {
    where: "the backbone",
    mayMiss: (name) => isHead(name) || ["new", "either"].includes(network.mayDiffer?.(name) ?? ""),
    mayBeOther: (name) => isHead(name) && network.mayDiffer?.(name) !== undefined,
    mayBeLeft: (name) => network.mayDiffer?.(name) !== undefined,
  });

/** Elements of some parameters of a graph. */
export const countElements = (graph: Graph, names: Iterable<string>): number =>
  [...names].reduce((total, name) => total + elementCount(graph.parameters.get(name)!.shape), 0);
