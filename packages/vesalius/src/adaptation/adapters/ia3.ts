import { z } from "zod";
import { copyNode, Graph, multiply, reshape, rewrite, type Value } from "../../graph/index.ts";
import { type AdaptedGraph, addedParameters } from "../adapted-graph.ts";
import { chooseLayers, type LayerChoice, layersThatCannot, refuseIdlePatterns } from "../choose-layers.ts";
import type { AdaptableLayer } from "../layers.ts";
import { matchesAny } from "../patterns.ts";
import { rescaledLayers } from "./ia3-layers.ts";
import { againstPath, alongPath, isStorable } from "../weight-source.ts";

/** Settings of (IA)3; names and meaning as in PEFT's `IA3Config`. */
export const ia3Schema = z.strictObject({
  /**
   * Linear layers to rescale: a full name, a last part (`qkv`), or a pattern with `*`. Without it the projections to keys
   * and values and those that read hidden activations of feed-forward networks, in the numbered blocks.
   */
  targets: z.array(z.string().min(1)).min(1).optional(),
  /** Those among them whose input is rescaled instead of the result. Without it those that read hidden activations. */
  feedForward: z.array(z.string().min(1)).optional(),
});

/** Settings of (IA)3. */
export type Ia3Config = z.infer<typeof ia3Schema>;

/** One rescaled projection. */
export interface Ia3Module {
  readonly module: string;
  /** Name of the factors: `${module}.ia3_l`, `[out, 1]` on results and `[1, in]` on inputs. */
  readonly factors: string;
  readonly on: "result" | "input";
}

/** A graph with rescaled projections. */
export interface Ia3Graph extends AdaptedGraph {
  readonly modules: readonly Ia3Module[];
}

/**
 * (IA)3 (Liu et al. 2022) as a graph rewrite: learned factors, one at the start, multiply the results of attention's
 * keys and values (their biases included) and the inputs of feed-forward projections. Parameters are named as in PEFT.
 *
 * @throws VesaliusError `bad-configuration` when a target matches no linear layer or the blocks have nothing to rescale,
 * listing the layers there are, and for a tied weight
 */
export function applyIa3(graph: Graph, config: Ia3Config): Ia3Graph {
  const { targets, feedForward } = config;
  const rescaled = rescaledLayers(graph);
  const choice: LayerChoice = {
    method: "(IA)3",
    targets,
    kinds: ["linear"],
    besideOnly: true,
    among: ({ module }) => rescaled.keysAndValues.has(module) || rescaled.feedForward.has(module),
  };
  const layers = chooseLayers(graph, choice);
  const names = layers.map(({ module }) => module);
  refuseIdlePatterns("(IA)3 rescales no layer that feedForward names", feedForward ?? [], names, names);
  const onOf = ({ module }: AdaptableLayer): Ia3Module["on"] =>
    (feedForward === undefined ? rescaled.feedForward.has(module) : matchesAny(module, feedForward))
      ? "input"
      : "result";
  const places = new Map(layers.map((layer) => [onOf(layer) === "input" ? layer.node : layer.result, layer]));
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      const layer = places.get(node);
      if (layer === undefined) return undefined;
      const { module, features } = layer;
      const onInput = onOf(layer) === "input";
      const shape = onInput ? [1, features.in] : [features.out, 1];
      const factors = target.parameter(`${module}.ia3_l`, shape, { kind: "ones" });
      if (onInput)
        return copyNode(node, [multiply(inputs[0]!, reshape(factors, [features.in])), ...inputs.slice(1)], target);
      return [multiply(copyNode(node, inputs, target)[0]!, reshape(factors, [features.out]))];
    },
  }).graph;
  const mergeable = layers.every((layer) => isStorable(layer) && (onOf(layer) === "input" || !layer.hasOtherBias));
  const left = layersThatCannot(graph, choice);
  return {
    graph: result,
    modules: layers.map((layer) => ({ module: layer.module, factors: `${layer.module}.ia3_l`, on: onOf(layer) })),
    parameters: addedParameters(graph, result),
    ...(mergeable ? { merge: ia3MergeGraph(layers, onOf) } : {}),
    ...(left.length === 0 ? {} : { left }),
    peft: { fan_in_fan_out: layers.some(({ fanInFanOut }) => fanInFanOut) },
  };
}

/**
 * Graph that computes the weights, and biases, with the factors multiplied in, as outputs `${name}.merged`. It reads
 * weights and factors by their names.
 */
function ia3MergeGraph(layers: readonly AdaptableLayer[], onOf: (layer: AdaptableLayer) => Ia3Module["on"]): Graph {
  const graph = new Graph("merge");
  const read = ({ name, shape, dtype }: Pick<Value, "name" | "shape" | "dtype">): Value =>
    graph.input(name, dtype, shape);
  for (const layer of new Map(layers.map((each) => [each.weight, each])).values()) {
    const { module, weight, path, bias, operandFanInFanOut, features } = layer;
    const onInput = onOf(layer) === "input";
    const factors = read({
      name: `${module}.ia3_l`,
      shape: onInput ? [1, features.in] : [features.out, 1],
      dtype: "float32",
    });
    const alongRows = onInput === operandFanInFanOut;
    const count = onInput ? features.in : features.out;
    const scale = reshape(factors, alongRows ? [count, 1] : [1, count]);
    graph.output(`${weight.name}.merged`, againstPath(multiply(alongPath(read(weight), path), scale), path));
    if (!onInput && bias !== undefined)
      graph.output(`${bias.name}.merged`, multiply(read(bias), reshape(factors, [features.out])));
  }
  return graph;
}
