import { VesaliusError } from "../../common/errors.ts";
import {
  copyNode,
  divide,
  elementCount,
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
import {
  chooseLayers,
  type ChosenLayer,
  type LayerChoice,
  layersThatCannot,
  refuseIdlePatterns,
} from "../choose-layers.ts";
import { featuresOf, plainMatrix, updatedOperand } from "../operand-matrix.ts";
import { isStorable } from "../weight-source.ts";
import { type LoraConfig, loraRank, loraScaling } from "./lora-config.ts";
import { flatOperand, type LoraModule, loraMergeGraph, loraStartGraph, updateOf } from "./lora-merge.ts";
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

/** Where a module's update stands. */
type Place =
  /** Beside the layer, or in what it makes of its weight where it has no such form. */
  | "layer"
  /** In the weight itself, so that all that reads the weight sees it. */
  | "weight";

const placeOf = ({ isTied }: ChosenLayer): Place => (isTied ? "weight" : "layer");

/** What the update of a layer is added to, and how that is a matrix. */
function operandOf(layer: ChosenLayer): LoraModule["operand"] {
  const { path, operandFanInFanOut, fanInFanOut, matrix, weight } = layer;
  if (placeOf(layer) === "weight")
    return { path: [], fanInFanOut, matrix: plainMatrix(weight.shape, Math.max(1, weight.rank - 1), fanInFanOut) };
  return { path, fanInFanOut: operandFanInFanOut, ...(matrix === undefined ? {} : { matrix }) };
}

/** Refuses settings that have no form for a layer. */
function checkSettings(layer: ChosenLayer, { dora, dropout, enabled }: LoraOptions): void {
  const { module, kind, features, matrix, node } = layer;
  const refuse = (what: string): VesaliusError =>
    new VesaliusError("bad-configuration", what, { where: module, fix: "leave the module out of the targets" });
  if (kind === "embedding" && dora) throw refuse("DoRA has no form for embeddings");
  const isInside = placeOf(layer) === "weight" || matrix !== undefined;
  const name = placeOf(layer) === "weight" ? "weights that are used in several places" : `this form of ${node.type}`;
  if (dora && isInside) throw refuse(`DoRA has no form for ${name}`);
  if (dropout > 0 && isInside && (placeOf(layer) === "weight" || (node.inputs.length > 2 && node.type === "Einsum")))
    throw refuse(`dropout has no form for ${name}, whose update stands in the weight`);
  if (enabled !== undefined && (kind !== "linear" || isInside || features.out % enabled.length !== 0))
    throw new VesaliusError("shape-mismatch", `${features.out} outputs do not divide into ${enabled.length} parts`, {
      where: module,
    });
}

/** Shapes of the factors of a module. */
function factorShapes(layer: ChosenLayer, operand: LoraModule["operand"], options: LoraOptions) {
  const { kind, features, module } = layer;
  const rank = loraRank(options, module);
  if (operand.matrix !== undefined) {
    const { groups } = operand.matrix;
    const each = featuresOf(operand.matrix);
    return { a: [rank * groups, each.in], b: [each.out * groups, rank], magnitude: [each.out * groups] };
  }
  const { enabled } = options;
  const count = enabled?.filter(Boolean).length ?? 1;
  const groups = numberAttribute(layer.node.attributes, "group", 1);
  const kernel = kind === "convolution" ? layer.operand.shape.slice(2) : [];
  const ones = kernel.map(() => 1);
  return {
    a: [rank * count * groups, features.in, ...kernel],
    b: [(features.out / (enabled?.length ?? 1)) * count, rank, ...ones],
    magnitude: kind === "convolution" ? [1, features.out, ...ones] : [features.out],
  };
}

/** How a layer is adapted, after checking that it can be. */
function describe(layer: ChosenLayer, options: LoraOptions): LoraModule {
  checkSettings(layer, options);
  const { module, fanInFanOut, weight, matrix } = layer;
  // All places of a tied weight see one update, whatever the first of them is.
  const kind = placeOf(layer) === "weight" ? "linear" : layer.kind;
  const { enabled } = options;
  const naming = options.naming ?? (kind === "embedding" ? peftEmbeddingNaming : peftNaming);
  const operand = operandOf(layer);
  const groups =
    operand.matrix?.groups ?? (matrix === undefined ? numberAttribute(layer.node.attributes, "group", 1) : 1);
  return {
    module,
    kind,
    fanInFanOut,
    weight: weight.name,
    dtype: weight.dtype,
    operand,
    ...naming(module),
    ...(options.dora ? { magnitude: `${module}.lora_magnitude_vector` } : {}),
    ...(enabled === undefined ? {} : { enabled }),
    scaling: loraScaling(options, module),
    groups,
    shapes: { weight: weight.shape, ...factorShapes(layer, operand, options) },
  };
}

/** Names of the base's biases that are trained beside the factors. */
function trainedBiases(graph: Graph, layers: readonly ChosenLayer[], which: LoraConfig["bias"]): readonly string[] {
  const all = [...graph.parameters.values()].filter(({ isBuffer }) => !isBuffer);
  if (which === "none") return [];
  // PEFT goes by the name alone, too.
  if (which === "all") return all.map(({ name }) => name).filter((name) => name.includes("bias"));
  const own = new Set(layers.flatMap(({ bias }) => (bias === undefined ? [] : [bias.name])));
  return all.map(({ name }) => name).filter((name) => own.has(name));
}

/** What to say of ranks above the size of a layer, whose update is no richer than one of that size. */
function rankCaution(modules: readonly LoraModule[], options: LoraOptions): string | undefined {
  const above = modules.filter(({ module, shapes }) => {
    const smallest = Math.min(elementCount(shapes.a.slice(1)), shapes.b[0]!);
    return loraRank(options, module) > smallest;
  });
  if (above.length === 0) return undefined;
  const names = `${above
    .slice(0, 5)
    .map(({ module }) => module)
    .join(", ")}${above.length > 5 ? ", ..." : ""}`;
  return `The rank of LoRA is above the size of ${above.length} of ${modules.length} layers (${names}): a smaller one does the same with fewer parameters.`;
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
  layer: ChosenLayer,
  module: LoraModule,
  update: LoraUpdate,
  inputs: readonly (Value | undefined)[],
  seen: Value,
): Value {
  const target = seen.graph;
  const [x, weight, given] = inputs;
  const { attributes, outputs, type } = layer.node;
  const magnitude = target.parameter(module.magnitude!, module.shapes.magnitude, { kind: "ones" });
  // The norm counts as constant in the gradient (section 4.3 of the paper), which halves the memory.
  const operand = flatOperand(weight!, module);
  const norm = stopGradient(outputNorms(updatedWeight(operand, update), update.fanInFanOut));
  const product = target.node(type, [seen, weight], { attributes })[0]!;
  const full = seen === x ? product : target.node(type, [x, weight, ...(given ? [given] : [])], { attributes })[0]!;
  const axis = layer.kind === "convolution" ? 1 : outputs[0]!.rank - 1;
  const factor = divide(reshape(magnitude, norm.shape), norm);
  const beta = numberAttribute(attributes, "beta", 1);
  const bias = given === undefined || beta === 1 ? given : multiply(given, beta);
  return decomposedResult({ product, update: layerUpdate(layer, seen, update), bias, full }, factor, axis);
}

/** A node's result with the update in the operand that holds its weight. */
function changedWithin(
  layer: ChosenLayer,
  inputs: readonly (Value | undefined)[],
  update: LoraUpdate,
  target: Graph,
): readonly Value[] {
  const at = layer.node.inputs.indexOf(layer.operand);
  return copyNode(
    layer.node,
    inputs.map((input, i) => (i === at ? updatedOperand(input!, update, layer.matrix!) : input)),
    target,
  );
}

/** The input of a layer that is no weight. */
const dataInput = ({ node, operand }: ChosenLayer): number => (node.inputs[0] === operand ? 1 : 0);

/** The nodes of a layer with its update. */
function adapted(
  { layer, module }: { readonly layer: ChosenLayer; readonly module: LoraModule },
  inputs: readonly (Value | undefined)[],
  target: Graph,
  options: LoraOptions,
): readonly Value[] {
  const update = addFactors(target, module);
  const base = (): Value => copyNode(layer.node, inputs, target)[0]!;
  if (layer.kind === "embedding") return [layerUpdate(layer, inputs[1]!, update, base())];
  if (layer.matrix !== undefined && options.dropout === 0) return changedWithin(layer, inputs, update, target);
  const seen = dropped(inputs[dataInput(layer)]!, module.module, options.dropout);
  return [options.dora ? decomposed(layer, module, update, inputs, seen) : layerUpdate(layer, seen, update, base())];
}

/**
 * Low-rank adaptation (Hu et al. 2022) as a graph rewrite. Next to each chosen layer `W x` it adds
 * `scaling * B A x`; for a convolution A is one of `rank` channels with the same kernel, strides and padding and B one
 * of extent 1, in each of its groups; for an embedding A holds a row for each entry of the table. In layers of other
 * forms (Einsum, transposed convolutions, a weight on the left) `scaling * B A` is added to the weight, taken as a matrix
 * from its inputs to its outputs; so it is to a weight that stands in several places, all of which see it. The adapted
 * graph starts out equal to the base. With `dora` the result is scaled to the learned magnitude of each output (Liu et al.
 * 2024). Parameters are named as PEFT saves them: `${module}.lora_A.weight`, `${module}.lora_B.weight`,
 * `${module}.lora_embedding_A`, `${module}.lora_magnitude_vector`.
 *
 * @throws VesaliusError `bad-configuration` when a target matches no layer, listing those there are and those that cannot
 * be adapted, with the reasons; for DoRA on an embedding or where the update stands in the weight; for dropout where it
 * has no form
 */
export function applyLora(graph: Graph, options: LoraOptions): LoraGraph {
  const choice: LayerChoice = {
    method: "LoRA",
    targets: options.targets,
    kinds: ["linear", "convolution", "embedding"],
    tied: true,
  };
  const layers = chooseLayers(graph, choice);
  const names = layers.map(({ module }) => module);
  for (const key of ["rankPattern", "alphaPattern"] as const)
    refuseIdlePatterns(`${key} of LoRA matches no layer that is adapted`, Object.keys(options[key]), names, names);
  const chosen = new Map(layers.map((layer) => [layer.node, { layer, module: describe(layer, options) }]));
  const all = [...chosen.values()];
  const tied = new Map<Value, LoraModule>();
  for (const { layer, module } of all) {
    // A product says better than a table which axis is the input.
    if (layer.isTied && (layer.kind !== "embedding" || !tied.has(layer.weight))) tied.set(layer.weight, module);
  }
  const result = rewrite(graph, {
    parameter: ({ name, shape, initializer, dtype, isBuffer }, target) => {
      const module = tied.get(graph.parameters.get(name)!);
      if (module === undefined || isBuffer) return undefined;
      const stored = target.parameter(name, shape, initializer!, dtype);
      return updatedOperand(stored, addFactors(target, module), module.operand.matrix!);
    },
    node: (node, inputs, target) => {
      const found = chosen.get(node);
      return found === undefined || found.layer.isTied ? undefined : adapted(found, inputs, target, options);
    },
  }).graph;
  // A weight that several nodes read is one module.
  const each = [...all.map(({ module }) => module), ...tied.values()];
  const modules = [...new Map(each.map((module) => [module.weight, module])).values()];
  const left = layersThatCannot(graph, choice);
  const caution = rankCaution(modules, options);
  return {
    graph: result,
    modules,
    parameters: [...addedParameters(graph, result), ...trainedBiases(graph, layers, options.bias)],
    ...(options.dora ? { start: loraStartGraph(graph, all) } : {}),
    ...(layers.every(isStorable) ? { merge: loraMergeGraph(modules) } : {}),
    ...(left.length === 0 ? {} : { left }),
    ...(caution === undefined ? {} : { cautions: [caution] }),
    peft: { fan_in_fan_out: modules.some(({ kind, fanInFanOut }) => kind === "linear" && fanInFanOut) },
  };
}
