import { VesaliusError } from "../../common/errors.ts";
import { narrowFloat16 } from "../../common/float16.ts";
import { int } from "../attributes.ts";
import { emit } from "../emit.ts";
import type { Graph } from "../graph.ts";
import { elementCount, type Tensor } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { readersOf } from "../readers.ts";
import { copiedAfter } from "./quantization-order.ts";
import { type QuantizedUse, withRemadeWeight } from "./quantization-use.ts";
import { rewrite } from "./rewrite.ts";

/** Options of `storeFloat16`. */
export interface Float16Options {
  /** Which parameters are trained later; they stay in float32. None by default. */
  readonly trained?: (parameter: Value) => boolean;
  /** Parameters of fewer elements stay in float32; 4096 by default. */
  readonly minimumElements?: number;
  /** As for `quantizeWeights`: `training` holds the float32 weights of one layer at a time. */
  readonly use?: QuantizedUse;
}

/** Operators that take a weight as their second operand and have a gradient by the first. */
const products = new Set(["Gemm", "MatMul", "Conv"]);

const isTable = (node: Node, parameter: Value): boolean => node.type === "Gather" && node.inputs[0] === parameter;

const isProduct = (node: Node, parameter: Value): boolean =>
  products.has(node.type) &&
  node.gradient === undefined &&
  node.inputs[1] === parameter &&
  node.inputs.filter((input) => input === parameter).length === 1;

/**
 * Stores frozen weights of products and tables of vectors as float16, under their names: half the memory. What is
 * computed stays float32, from weights that are widened where they are used. Rows of a table are widened after they
 * are looked up.
 *
 * @returns the graph and the names of the parameters that are float16 now; `narrow` makes their tensors
 *
 * @example
 * const { graph, names } = storeFloat16(adapted, { trained: (p) => p.name.includes("lora_") });
 * for (const name of names) weights.set(name, narrow(weights.get(name)!, name));
 */
export function storeFloat16(
  graph: Graph,
  options: Float16Options = {},
): { readonly graph: Graph; readonly names: readonly string[] } {
  const chosen = new Set<Value>();
  const readers = readersOf(graph);
  for (const parameter of graph.parameters.values()) {
    if (parameter.dtype !== "float32" || parameter.rank < 2 || options.trained?.(parameter) === true) continue;
    if (elementCount(parameter.shape) < (options.minimumElements ?? 4096)) continue;
    const uses = readers.get(parameter) ?? [];
    if (uses.every((node) => node && (isTable(node, parameter) || isProduct(node, parameter)))) chosen.add(parameter);
  }
  const widened = (value: Value): Value => emit("Cast", [value], { to: int(1) });
  const remake = ([stored]: readonly Value[], ready: Value): Value => widened(copiedAfter(stored!, ready));
  const rewritten = rewrite(graph, {
    parameter: (parameter, target) =>
      chosen.has(parameter)
        ? target.parameter(parameter.name, parameter.shape, { kind: "zeros" }, "float16")
        : undefined,
    node: (node, inputs, target) => {
      const stored = node.inputs.find((input) => input !== undefined && chosen.has(input));
      if (stored === undefined) return undefined;
      if (isTable(node, stored)) return [widened(emit("Gather", inputs, node.attributes))];
      const [x, weight, ...rest] = inputs;
      const uses = [weight!];
      const w = options.use === "inference" ? widened(weight!) : remake(uses, x!);
      const { attributes } = node;
      return target.node(node.type, [x, w, ...rest], {
        attributes,
        gradient: withRemadeWeight(node.type, uses, remake),
      });
    },
  });
  return { graph: rewritten.graph, names: [...chosen].map(({ name }) => name) };
}

/**
 * A float32 tensor as float16.
 *
 * @param name for messages
 * @throws VesaliusError `not-a-number` for numbers that float16 cannot hold (beyond 65,504) and those that are none
 */
export function narrow({ dtype, shape, data }: Tensor, name: string): Tensor {
  if (dtype === "float16") return { dtype, shape, data };
  if (!(data instanceof Float32Array))
    throw new VesaliusError("checkpoint-mismatch", `only float32 becomes float16, not ${dtype}`, { where: name });
  const narrowed = narrowFloat16(data);
  const bad = narrowed.findIndex((bits) => (bits & 0x7c00) === 0x7c00);
  if (bad >= 0)
    throw new VesaliusError("not-a-number", `float16 cannot hold element ${bad}, which is ${data[bad]}`, {
      where: name,
      fix: "keep this weight in float32",
    });
  return { dtype: "float16", shape, data: narrowed };
}
