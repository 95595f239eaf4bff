import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Graph } from "../graph.ts";
import { elementCount, type Tensor, type Tensors } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { projectionWeights, type WeightUse } from "./quantization-sites.ts";
import { quantizedProduct, type QuantizedUse } from "./quantization-use.ts";
import {
  extentsOf,
  type QuantizedPart,
  type QuantizedWeight,
  quantizationFormats,
  dequantizeWeight,
  quantizedParts,
  quantizeWeight,
} from "./quantization-weights.ts";
import { rewrite } from "./rewrite.ts";

/** Settings of quantised weights. */
export const quantizationSchema = z.strictObject({
  /** `int8`, `int4`: equal steps; `nf4`: 4-bit NormalFloat with double quantisation. */
  format: z.enum(quantizationFormats),
  /** Elements that share a scale, along the contraction; 64 as in QLoRA. */
  blockSize: z.literal([16, 32, 64, 128, 256]).default(64),
  /** int8 and int4: steps to both sides of zero, or a zero point for each block. */
  symmetric: z.boolean().default(true),
  /** Weights of fewer elements stay as they are; 4096 as in bitsandbytes. */
  minimumElements: z.int().positive().default(4096),
});

/** Options of `quantizeWeights`. */
export interface QuantizationOptions extends z.input<typeof quantizationSchema> {
  /**
   * Names the weights to quantise; every one of them must be possible. By default all that are possible: matrices that
   * only matrix products read.
   */
  readonly weights?: (name: string) => boolean;
  /** Which parameters are trained later; they are never quantised. None by default. */
  readonly trained?: (parameter: Value) => boolean;
  /**
   * `inference`: the plain form in ONNX's own operators, which an engine may fuse. `training` (the default): a form in
   * which ONNX Runtime holds the float weights of one layer at a time, forward and backward, and computes with the
   * dequantised numbers exactly; NF4 then uses its operator MatMulBnb4.
   */
  readonly use?: QuantizedUse;
}

/** A graph with quantised weights, and what has to be quantised for it. */
export interface QuantizedGraph {
  /** The parameters of `quantizedParts` stand in place of each quantised weight. */
  readonly graph: Graph;
  readonly weights: readonly QuantizedWeight[];
}

function refusal(
  parameter: Value,
  use: WeightUse | undefined,
  options: QuantizationOptions,
): VesaliusError | undefined {
  const refuse = (what: string, fix: string) =>
    new VesaliusError("bad-configuration", what, { where: parameter.name, fix });
  if (options.trained?.(parameter) === true)
    return refuse("a trained parameter cannot be quantised", "freeze it, or leave it out of the quantised weights");
  if (use === undefined)
    return refuse(
      "only a matrix that nothing but matrix products read, always the same way round, can be quantised",
      "leave it out of the quantised weights; tables that are shared with the output layer are read in two ways",
    );
  if (parameter.dtype !== "float32")
    return refuse(`only float32 weights can be quantised, not ${parameter.dtype}`, "quantise before other rewrites");
  return undefined;
}

function chosenWeights(graph: Graph, options: QuantizationOptions): Map<Value, QuantizedWeight> {
  const parsed = quantizationSchema.safeParse({
    format: options.format,
    blockSize: options.blockSize,
    symmetric: options.symmetric,
    minimumElements: options.minimumElements,
  });
  if (!parsed.success) throw new VesaliusError("bad-configuration", `quantisation: ${z.prettifyError(parsed.error)}`);
  const { format, blockSize, symmetric, minimumElements } = parsed.data;
  const possible = projectionWeights(graph);
  const chosen = new Map<Value, QuantizedWeight>();
  for (const parameter of graph.parameters.values()) {
    const use = possible.get(parameter);
    const asked = options.weights?.(parameter.name);
    if (asked === false) continue;
    const refused = refusal(parameter, use, options);
    if (refused !== undefined) {
      if (asked === true) throw refused;
      continue;
    }
    const { name, shape } = parameter;
    const weight = { name, shape, transposed: use!.transposed, format, blockSize, symmetric };
    if (elementCount(shape) < minimumElements) continue;
    if (format === "nf4" && extentsOf(weight).inside % blockSize !== 0) {
      if (asked === true)
        throw new VesaliusError(
          "bad-configuration",
          `the block size ${blockSize} does not divide the ${extentsOf(weight).inside} inputs of the weight`,
          { where: name, fix: "choose a smaller block size, or int4 or int8, whose last block may be shorter" },
        );
      continue;
    }
    chosen.set(parameter, weight);
  }
  if (chosen.size === 0)
    throw new VesaliusError("bad-configuration", "no weight of the graph is quantised", {
      fix: "adapt with a method that freezes the backbone, lower minimumElements, or choose a smaller block size",
    });
  return chosen;
}

/**
 * Stores frozen weights of matrix products in blocks of few bits (QLoRA, Dettmers et al. 2023). The rewritten graph
 * computes with the dequantised numbers; gradients pass through to the inputs of the products and the weights get none.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, for a named weight that is trained or cannot
 * be quantised, and when nothing is quantised
 *
 * @example
 * const { graph, weights } = quantizeWeights(adapted, { format: "nf4", trained: (p) => p.name.includes("lora_") });
 * const stored = new Map(weights.flatMap((weight) => [...quantizeWeight(read(weight.name), weight)]));
 */
export function quantizeWeights(graph: Graph, options: QuantizationOptions): QuantizedGraph {
  const chosen = chosenWeights(graph, options);
  const parts = new Map<Value, ReadonlyMap<QuantizedPart, Value>>();
  const rewritten = rewrite(graph, {
    parameter: (parameter, target) => {
      const weight = chosen.get(parameter);
      if (weight === undefined) return undefined;
      const values = new Map(
        [...quantizedParts(weight)].map(([role, { name, dtype, shape }]) => [
          role,
          target.parameter(name, shape, { kind: "zeros" }, dtype),
        ]),
      );
      parts.set(parameter, values);
      return values.get("codes");
    },
    node: (node, inputs) => {
      const parameter = node.inputs[1];
      const weight = parameter === undefined ? undefined : chosen.get(parameter);
      if (weight === undefined) return undefined;
      return [quantizedProduct(node, inputs, weight, parts.get(parameter!)!, options.use ?? "training")];
    },
  });
  return { graph: rewritten.graph, weights: [...chosen.values()] };
}

/**
 * Quantises the weights of a graph tensor by tensor: only one float weight is held at a time.
 *
 * @param weights what `quantizeWeights` chose
 * @param read gives a float weight by name, from a file or a generator
 * @param keep moves each stored tensor to where it stays and gives one in its place; they stay in memory by default
 * @throws VesaliusError what `quantizeWeight` throws
 */
export async function quantizeTensors(
  weights: readonly QuantizedWeight[],
  read: (name: string) => Tensor | Promise<Tensor>,
  keep: (tensor: Tensor) => Tensor = (tensor) => tensor,
): Promise<Tensors> {
  const stored: Tensors = new Map();
  for (const weight of weights)
    for (const [name, part] of quantizeWeight(await read(weight.name), weight)) stored.set(name, keep(part));
  return stored;
}

/**
 * The float weights of a graph from its stored ones: for merging adapters, export and further training.
 *
 * @param tensors all tensors of the graph; those that are not of a quantised weight are kept
 * @throws VesaliusError `checkpoint-mismatch` when a part is missing or has another type
 */
export function dequantizeWeights(tensors: Tensors, weights: readonly QuantizedWeight[]): Tensors {
  const result: Tensors = new Map(tensors);
  for (const weight of weights) {
    const restored = dequantizeWeight(tensors, weight);
    for (const { name } of quantizedParts(weight).values()) result.delete(name);
    result.set(weight.name, restored);
  }
  return result;
}
