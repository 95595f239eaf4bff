import { elementCount, Graph, reshape, rewrite, type Value } from "../../graph/index.ts";
import type { AdaptableLayer } from "../layers.ts";
import { stackedUp } from "./lora-update.ts";
import { decomposedWeight, type LoraUpdate, outputNorms, recomposedWeight, updatedWeight } from "./lora-weights.ts";

/** One adapted layer. */
export interface LoraModule {
  readonly module: string;
  readonly kind: AdaptableLayer["kind"];
  /** Name of the adapted weight. */
  readonly weight: string;
  /** Names of the factors. */
  readonly a: string;
  readonly b: string;
  /** Name of the learned magnitudes, with DoRA. */
  readonly magnitude?: string;
  /** Which parts of a fused projection are adapted; see `stackedUp`. */
  readonly enabled?: readonly boolean[];
  readonly scaling: number;
  /** Groups of a convolution, each with factors of its own; 1 for all other layers. */
  readonly groups: number;
  readonly fanInFanOut: boolean;
  readonly shapes: {
    readonly weight: readonly number[];
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly magnitude: readonly number[];
  };
}

/** The factors of a module as values of a graph. */
export function updateOf(module: LoraModule, read: (name: string) => Value): LoraUpdate {
  const { a, b, scaling, groups, fanInFanOut, enabled } = module;
  const [down, up] = [read(a), read(b)];
  return { down, up: enabled === undefined ? up : stackedUp(up, enabled), scaling, groups, fanInFanOut };
}

/** A module's tensors as inputs of a graph. */
function moduleInputs(graph: Graph, module: LoraModule) {
  const { shapes, magnitude } = module;
  const input = (name: string, shape: readonly number[]): Value => graph.input(name, "float32", shape);
  return {
    weight: input(module.weight, shapes.weight),
    update: updateOf(module, (name) => input(name, name === module.a ? shapes.a : shapes.b)),
    magnitude: magnitude === undefined ? undefined : input(magnitude, shapes.magnitude),
  };
}

/**
 * Graph that computes the weights with the updates in them: `W + scaling * B A`, with DoRA
 * `magnitude * (W + scaling * B A) / norm`. It reads weights and factors by their names and has an output
 * `${weight}.merged` for each weight, with DoRA also `${weight}.norm` `[out]`, which taking the update out needs.
 */
export function loraMergeGraph(modules: readonly LoraModule[]): Graph {
  const graph = new Graph("merge");
  for (const module of modules) {
    const { weight, update, magnitude } = moduleInputs(graph, module);
    if (magnitude === undefined) {
      graph.output(`${module.weight}.merged`, updatedWeight(weight, update));
      continue;
    }
    const { merged, norm } = decomposedWeight(weight, update, magnitude);
    graph.output(`${module.weight}.merged`, merged);
    graph.output(`${module.weight}.norm`, norm);
  }
  return graph;
}

/**
 * Graph that takes the updates out of merged weights. It reads merged weights and factors by their names, with DoRA also
 * the norms `${weight}.norm` of merging, and has an output `${weight}.unmerged` for each weight.
 */
export function loraUnmergeGraph(modules: readonly LoraModule[]): Graph {
  const graph = new Graph("unmerge");
  for (const module of modules) {
    const { weight, update, magnitude } = moduleInputs(graph, module);
    const norm = (): Value => graph.input(`${module.weight}.norm`, "float32", [elementCount(module.shapes.magnitude)]);
    const original =
      magnitude === undefined ? updatedWeight(weight, update, -1) : recomposedWeight(weight, update, magnitude, norm());
    graph.output(`${module.weight}.unmerged`, original);
  }
  return graph;
}

/**
 * Graph that computes how magnitudes start: as the norms of the base's weights (after dequantization, where they are
 * quantized), outputs `${magnitude}.start`.
 */
export function loraStartGraph(
  base: Graph,
  adapted: readonly { readonly layer: AdaptableLayer; readonly module: LoraModule }[],
): Graph {
  const { graph, values } = rewrite(base);
  const starts = new Map<string, Value>();
  for (const { layer, module } of adapted) {
    const norms = outputNorms(values.get(layer.operand)!, layer.fanInFanOut !== layer.transposed);
    starts.set(`${module.magnitude}.start`, reshape(norms, module.shapes.magnitude));
  }
  for (const [name, value] of starts) graph.output(name, value);
  return rewrite(graph, { outputs: [...starts.keys()] }).graph;
}
