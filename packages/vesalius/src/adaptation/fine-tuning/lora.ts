import { VesaliusError } from "../../common/errors.ts";
import {
  copyNode,
  divide,
  type Graph,
  type Initializer,
  multiply,
  numberAttribute,
  reshape,
  rewrite,
  stopGradient,
  type Value,
} from "../../graph/index.ts";
import { type AdaptedGraph, addedParameters } from "../adapted-graph.ts";
import { chooseLayers } from "../choose-layers.ts";
import type { AdaptableLayer } from "../layers.ts";
import { type LoraConfig, loraRank, loraScaling } from "./lora-config.ts";
import { type LoraModule, loraMergeGraph, loraStartGraph, updateOf } from "./lora-merge.ts";
import { layerUpdate } from "./lora-update.ts";
import { decomposedResult, type LoraUpdate, outputNorms, updatedWeight } from "./lora-weights.ts";

/** How the two factors of a module are called; PEFT's form by default. */
export type LoraNaming = (module: string) => { readonly a: string; readonly b: string };

/** `module.lora_A.weight` and `module.lora_B.weight`. */
export const peftNaming: LoraNaming = (module) => ({ a: `${module}.lora_A.weight`, b: `${module}.lora_B.weight` });
/** `module.lora_A` and `module.lora_B`, as loralib writes them. */
export const loralibNaming: LoraNaming = (module) => ({ a: `${module}.lora_A`, b: `${module}.lora_B` });

/** PEFT keeps the factors of an embedding as bare parameters. */
const peftEmbeddingNaming: LoraNaming = (module) => ({
  a: `${module}.lora_embedding_A`,
  b: `${module}.lora_embedding_B`,
});

/** Options of `applyLora` beyond the settings that are saved with an adapter. */
export interface LoraOptions extends LoraConfig {
  readonly naming?: LoraNaming;
  /**
   * For linear layers that hold several projections side by side (queries, keys and values): which of them are adapted.
   * Each gets factors of its own, stacked as in loralib's `MergedLinear`.
   */
  readonly enabled?: readonly boolean[];
}

/** A graph with low-rank updates and what was adapted. */
export interface LoraGraph extends AdaptedGraph {
  readonly modules: readonly LoraModule[];
}

/** How a layer is adapted, after checking that it can be. */
function describe(layer: AdaptableLayer, options: LoraOptions): LoraModule {
  const { module, kind, fanInFanOut, transposed, features, weight, operand } = layer;
  const { enabled } = options;
  const groups = numberAttribute(layer.node.attributes, "group", 1);
  if (kind === "embedding" && options.dora)
    throw new VesaliusError("bad-configuration", "DoRA has no form for embeddings", {
      where: module,
      fix: "leave the module out of the targets",
    });
  if (enabled !== undefined && (kind !== "linear" || features.out % enabled.length !== 0))
    throw new VesaliusError("shape-mismatch", `${features.out} outputs do not divide into ${enabled.length} parts`, {
      where: module,
    });
  const naming = options.naming ?? (kind === "embedding" ? peftEmbeddingNaming : peftNaming);
  const rank = loraRank(options, module);
  const count = enabled?.filter(Boolean).length ?? 1;
  const kernel = kind === "convolution" ? operand.shape.slice(2) : [];
  return {
    module,
    kind,
    fanInFanOut,
    weight: weight.name,
    ...naming(module),
    ...(options.dora ? { magnitude: `${module}.lora_magnitude_vector` } : {}),
    ...(enabled === undefined ? {} : { enabled }),
    scaling: loraScaling(options, module),
    groups,
    shapes: {
      weight: transposed ? operand.shape.toReversed() : operand.shape,
      a: [rank * count * groups, features.in, ...kernel],
      b: [(features.out / (enabled?.length ?? 1)) * count, rank, ...kernel.map(() => 1)],
      magnitude: kind === "convolution" ? [1, features.out, ...kernel.map(() => 1)] : [features.out],
    },
  };
}

/** Adds the factors of a module to a graph. */
function addFactors(target: Graph, module: LoraModule): LoraUpdate {
  // An embedding's update is zero at the start through A, as in PEFT; everything else's through B.
  const [a, b]: [Initializer, Initializer] =
    module.kind === "embedding"
      ? [{ kind: "zeros" }, { kind: "normal", standardDeviation: 1 }]
      : [{ kind: "kaimingUniform" }, { kind: "zeros" }];
  return updateOf(module, (name) =>
    name === module.a ? target.parameter(name, module.shapes.a, a) : target.parameter(name, module.shapes.b, b),
  );
}

function dropped(x: Value, module: string, dropout: number): Value {
  if (dropout === 0) return x;
  let name = `${module}.dropout`;
  // A layer that is used twice draws twice.
  for (let i = 1; x.graph.hasName(name); i++) name = `${module}.dropout_${i}`;
  return multiply(x, x.graph.input(name, "float32", x.shape, { kind: "dropout", keep: 1 - dropout }));
}

/** The layer's result with the weight's magnitude learned apart from its direction. */
function decomposed(
  layer: AdaptableLayer,
  module: LoraModule,
  update: LoraUpdate,
  inputs: readonly (Value | undefined)[],
  seen: Value,
): Value {
  const target = seen.graph;
  const [x, weight, bias] = inputs;
  const { attributes, outputs, type } = layer.node;
  const magnitude = target.parameter(module.magnitude!, module.shapes.magnitude, { kind: "ones" });
  // The norm counts as constant in the gradient (section 4.3 of the paper), which halves the memory.
  const matrix = { ...update, fanInFanOut: layer.fanInFanOut !== layer.transposed };
  const norm = stopGradient(outputNorms(updatedWeight(weight!, matrix), matrix.fanInFanOut));
  const product = target.node(type, [seen, weight], { attributes })[0]!;
  const full = seen === x ? product : target.node(type, [x, weight, ...(bias ? [bias] : [])], { attributes })[0]!;
  const axis = layer.kind === "convolution" ? 1 : outputs[0]!.rank - 1;
  const factor = divide(reshape(magnitude, norm.shape), norm);
  return decomposedResult({ product, update: layerUpdate(layer, seen, update), bias, full }, factor, axis);
}

/**
 * Low-rank adaptation (Hu et al. 2022) as a graph rewrite. Next to each chosen layer `W x` it adds
 * `scaling * B A x`; for a convolution A is one of `rank` channels with the same kernel, strides and padding and B one
 * of extent 1, in each of its groups; for an embedding A holds a row for each entry of the table. The adapted graph
 * starts out equal to the base. With `dora` the result is scaled to the learned magnitude of each output (Liu et al.
 * 2024). Parameters are named as PEFT saves them: `${module}.lora_A.weight`, `${module}.lora_B.weight`,
 * `${module}.lora_embedding_A`, `${module}.lora_magnitude_vector`.
 *
 * @throws VesaliusError `bad-configuration` when a target matches no layer, listing those there are, for a tied weight
 * or DoRA on an embedding
 */
export function applyLora(graph: Graph, options: LoraOptions): LoraGraph {
  const layers = chooseLayers(graph, {
    method: "LoRA",
    targets: options.targets,
    kinds: ["linear", "convolution", "embedding"],
  });
  const chosen = new Map(layers.map((layer) => [layer.node, { layer, module: describe(layer, options) }]));
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      const found = chosen.get(node);
      if (found === undefined) return undefined;
      const { layer, module } = found;
      const update = addFactors(target, module);
      if (layer.kind === "embedding")
        return [layerUpdate(layer, inputs[1]!, update, copyNode(node, inputs, target)[0])];
      const seen = dropped(inputs[0]!, module.module, options.dropout);
      if (options.dora) return [decomposed(layer, module, update, inputs, seen)];
      return [layerUpdate(layer, seen, update, copyNode(node, inputs, target)[0])];
    },
  }).graph;
  // A weight that several nodes read is one module.
  const modules = [...new Map([...chosen.values()].map(({ module }) => [module.weight, module])).values()];
  const mergeable = layers.every(({ operand, weight }) => operand.dtype === weight.dtype);
  return {
    graph: result,
    modules,
    parameters: addedParameters(graph, result),
    ...(options.dora ? { start: loraStartGraph(graph, [...chosen.values()]) } : {}),
    ...(mergeable ? { merge: loraMergeGraph(modules) } : {}),
    peft: { fan_in_fan_out: modules.some(({ kind, fanInFanOut }) => kind === "linear" && fanInFanOut) },
  };
}
