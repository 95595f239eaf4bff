import { VesaliusError } from "../common/errors.ts";
import { isIdleBuffer, matchNames, possibleNames } from "./checkpoint-names.ts";
import type { Network } from "./network.ts";
import { elementCount, formatShape, type Graph, type GraphBounds, sameShape, type Tensors } from "../graph/index.ts";

/** Options of `checkWeights`. */
export interface WeightCheck {
  /** Name of the checkpoint for messages. */
  readonly where?: string;
  /** Parameters that may be missing (a new head); they keep their starting values. */
  readonly mayMiss?: (name: string) => boolean;
  /** Parameters whose layer may be that of another task, of another shape: all of the layer then keeps its starting values. */
  readonly mayBeOther?: (name: string) => boolean;
  /** Entries of the checkpoint that may be left over (a decoder that is not used). */
  readonly mayBeLeft?: (name: string) => boolean;
}

/** Name of the layer that a parameter is of: `head` of `head.weight`. */
const layerOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf(".")));

const list = (names: readonly string[]): string =>
  names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")} and ${names.length - 12} more`;

/**
 * Compares a checkpoint with the parameters of a graph, and never loads in silence what does not fit. Names of older and
 * wrapped checkpoints are understood; see `possibleNames`.
 *
 * @returns the tensors that belong to parameters of the graph, under the graph's names
 * @throws VesaliusError `checkpoint-mismatch` listing missing, unexpected and mis-shaped names
 */
export function checkWeights(graph: Graph, weights: Tensors, options: WeightCheck = {}): Tensors {
  const missing: string[] = [];
  const misshapen: string[] = [];
  const otherLayers = new Set<string>();
  const matched: Tensors = new Map();
  const names = matchNames(weights.keys(), (name) => graph.parameters.has(name));
  const given = new Map([...names].map(([name, own]) => [own, weights.get(name)!]));
  for (const [name, parameter] of graph.parameters) {
    const found = given.get(name);
    if (found === undefined) {
      if (!(options.mayMiss?.(name) ?? false)) missing.push(name);
    } else if (sameShape(found.shape, parameter.shape) && found.dtype === parameter.dtype) matched.set(name, found);
    else if (options.mayBeOther?.(name) === true) otherLayers.add(layerOf(name));
    else
      misshapen.push(
        `${name} is ${found.dtype} ${formatShape(found.shape)}, expected ${parameter.dtype} ${formatShape(parameter.shape)}`,
      );
  }
  for (const name of matched.keys())
    if (otherLayers.has(layerOf(name)) && options.mayBeOther!(name)) matched.delete(name);
  const mayBeLeft = (name: string): boolean =>
    isIdleBuffer(name) || possibleNames(name).some((own) => options.mayBeLeft?.(own) ?? false);
  const unexpected = [...weights.keys()].filter((name) => !names.has(name) && !mayBeLeft(name));
  const problems = [
    missing.length > 0 ? `missing: ${list(missing)}` : "",
    unexpected.length > 0 ? `unexpected: ${list(unexpected)}` : "",
    misshapen.length > 0 ? `wrong shape or type: ${list(misshapen)}` : "",
  ].filter((problem) => problem !== "");
  if (problems.length > 0)
    throw new VesaliusError("checkpoint-mismatch", `the checkpoint does not fit the model; ${problems.join("; ")}`, {
      ...(options.where === undefined ? {} : { where: options.where }),
      fix: "check that configuration and checkpoint belong together",
    });
  return matched;
}

/**
 * How large a graph may become that is to take the weights of a checkpoint. Some more than there are, so that a
 * checkpoint that nearly fits is compared name by name.
 */
export function boundsOf(weights: Tensors): GraphBounds {
  const elements = [...weights.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return {
    parameters: 2 * weights.size + 1000,
    elements: 4 * elements + 2 ** 24,
    because: `the checkpoint holds ${weights.size} tensors of ${elements} numbers`,
  };
}

/**
 * Checks that weights can hold as many layers as a configuration speaks of, before a graph of that depth is built.
 *
 * @param weights how many weights there are
 * @param where the files, for the message
 * @throws VesaliusError `checkpoint-mismatch` where there are more layers than weights
 */
export function checkDepth({ layers }: Pick<Network, "layers">, weights: number, where: string): void {
  if (layers > weights)
    throw new VesaliusError(
      "checkpoint-mismatch",
      `config.json speaks of ${layers} layers, and there are ${weights} weights`,
      {
        where,
        fix: "check that configuration and weights belong together",
      },
    );
}
