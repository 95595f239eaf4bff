import { type DataType, elementCount, Graph, reshape, rewrite, type Node, type Value } from "../../graph/index.ts";
import type { AdaptableLayer } from "../layers.ts";
import { type OperandMatrix, updatedOperand } from "../operand-matrix.ts";
import { againstPath, alongPath } from "../weight-source.ts";
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
  /** Whether the stored weight is `[in, out]`. */
  readonly fanInFanOut: boolean;
  /** What the layer makes of the stored weight, which is what the update is added to. */
  readonly operand: {
    readonly path: readonly Node[];
    readonly fanInFanOut: boolean;
    /** How it is a matrix, where the update stands in it. */
    readonly matrix?: OperandMatrix;
  };
  /** Element type of the stored weight. */
  readonly dtype: DataType;
  readonly shapes: {
    /** Of the stored weight. */
    readonly weight: readonly number[];
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly magnitude: readonly number[];
  };
}

/** The factors of a module as values of a graph. */
export function updateOf(module: LoraModule, read: (name: string) => Value): LoraUpdate {
  const { a, b, scaling, groups, operand, enabled } = module;
  const [down, up] = [read(a), read(b)];
  return {
    down,
    up: enabled === undefined ? up : stackedUp(up, enabled),
    scaling,
    groups,
    fanInFanOut: operand.fanInFanOut,
  };
}

/** An operand without leading axes of extent 1, which products with matrices in a stack have. */
export const flatOperand = (operand: Value, { kind, operand: { matrix } }: LoraModule): Value =>
  kind === "linear" && matrix === undefined ? reshape(operand, operand.shape.slice(-2)) : operand;

/** An operand with the update of its module in it; with `sign` -1 the update is taken out. */
function changedOperand(operand: Value, module: LoraModule, update: LoraUpdate, sign: 1 | -1 = 1): Value {
  const { matrix } = module.operand;
  if (matrix !== undefined) return updatedOperand(operand, update, matrix, sign);
  return reshape(updatedWeight(flatOperand(operand, module), update, sign), operand.shape);
}

/** A module's tensors as inputs of a graph. */
function moduleInputs(graph: Graph, module: LoraModule) {
  const { shapes, magnitude } = module;
  const input = (name: string, shape: readonly number[]): Value => graph.input(name, "float32", shape);
  return {
    operand: alongPath(graph.input(module.weight, module.dtype, shapes.weight), module.operand.path),
    update: updateOf(module, (name) => input(name, name === module.a ? shapes.a : shapes.b)),
    magnitude: magnitude === undefined ? undefined : input(magnitude, shapes.magnitude),
  };
}

/**
 * Graph that computes the weights with the updates in them: `W + scaling * B A`, with DoRA
 * `magnitude * (W + scaling * B A) / norm`. It reads weights and factors by their names and has an output
 * `${weight}.merged` for each weight, in its own element type, with DoRA also `${weight}.norm` `[out]`, which taking the update out needs.
 */
export function loraMergeGraph(modules: readonly LoraModule[]): Graph {
  const graph = new Graph("merge");
  for (const module of modules) {
    const { operand, update, magnitude } = moduleInputs(graph, module);
    const { path } = module.operand;
    if (magnitude === undefined) {
      graph.output(`${module.weight}.merged`, againstPath(changedOperand(operand, module, update), path));
      continue;
    }
    const { merged, norm } = decomposedWeight(flatOperand(operand, module), update, magnitude);
    graph.output(`${module.weight}.merged`, againstPath(reshape(merged, operand.shape), path));
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
    const { operand, update, magnitude } = moduleInputs(graph, module);
    const norm = (): Value => graph.input(`${module.weight}.norm`, "float32", [elementCount(module.shapes.magnitude)]);
    const original =
      magnitude === undefined
        ? changedOperand(operand, module, update, -1)
        : reshape(recomposedWeight(flatOperand(operand, module), update, magnitude, norm()), operand.shape);
    graph.output(`${module.weight}.unmerged`, againstPath(original, module.operand.path));
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
    const norms = outputNorms(flatOperand(values.get(layer.operand)!, module), layer.operandFanInFanOut);
    starts.set(`${module.magnitude}.start`, reshape(norms, module.shapes.magnitude));
  }
  for (const [name, value] of starts) graph.output(name, value);
  return rewrite(graph, { outputs: [...starts.keys()] }).graph;
}
