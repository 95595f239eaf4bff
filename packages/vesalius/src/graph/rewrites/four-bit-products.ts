import { VesaliusError } from "../../common/errors.ts";
import { elementCount, type Tensor, type Tensors } from "../../common/tensor.ts";
import { int } from "../attributes.ts";
import { add } from "../functions/index.ts";
import { numberAttribute } from "../operators/definition.ts";
import { readersOf } from "../readers.ts";
import type { Graph } from "../graph.ts";
import type { Node, Value } from "../value.ts";
import { weightUse } from "./quantization-sites.ts";
import { rewrite } from "./rewrite.ts";

/** Numbers that share a scale. */
const block = 32;

/** A weight that is stored in 4 bits for running alone. */
export interface FourBitWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether it is `[out, in]`, as PyTorch has it. */
  readonly transposed: boolean;
  /** Whether products read it, and whether rows of it are looked up. */
  readonly products: boolean;
  readonly rows: boolean;
}

const extents = ({ shape, transposed }: Pick<FourBitWeight, "shape" | "transposed">) => ({
  out: shape[transposed ? 0 : 1]!,
  inside: shape[transposed ? 1 : 0]!,
});

const partsOf = (weight: FourBitWeight) => {
  const { out, inside } = extents(weight);
  return {
    codes: { name: `${weight.name}.q4`, shape: [out, inside / block, block / 2] },
    rows: { name: `${weight.name}.q4_rows`, shape: [out, inside / 2] },
    scale: { name: `${weight.name}.q4_scale`, shape: [out, inside / block] },
  };
};

const isLookup = (node: Node, parameter: Value): boolean =>
  node.type === "Gather" &&
  node.domain === "" &&
  node.gradient === undefined &&
  node.inputs[0] === parameter &&
  numberAttribute(node.attributes, "axis", 0) === 0;

/** How a weight is used, where it can be stored so; undefined where something else reads it. */
function usesOf(parameter: Value, readers: readonly (Node | undefined)[]): FourBitWeight | undefined {
  if (parameter.rank !== 2 || parameter.dtype !== "float32" || readers.length === 0) return undefined;
  let [products, rows, turned, straight] = [false, false, false, false];
  for (const node of readers) {
    if (node === undefined) return undefined;
    if (isLookup(node, parameter)) {
      rows = true;
      continue;
    }
    const use = node.inputs[1] === parameter ? weightUse(node) : undefined;
    if (use === undefined) return undefined;
    if (
      node.type === "Gemm" &&
      [numberAttribute(node.attributes, "alpha", 1), numberAttribute(node.attributes, "beta", 1)].some((x) => x !== 1)
    )
      return undefined;
    products = true;
    if (use.transposed) turned = true;
    else straight = true;
  }
  // Rows that are looked up lie in the order of a product that turns the table.
  if (turned && straight) return undefined;
  if (rows && straight) return undefined;
  const weight = { name: parameter.name, shape: parameter.shape, transposed: !straight, products, rows };
  return extents(weight).inside % block === 0 ? weight : undefined;
}

/**
 * Stores the weights of matrix products and tables of vectors in 4 bits, for a graph that is run and not trained: blocks of
 * 32 numbers share a scale, as in Q4_0 of llama.cpp. The operators are ONNX Runtime's own (MatMulNBits,
 * GatherBlockQuantized) and need its processor kernels.
 *
 * @param options.exact compute with the other operand in float32; by default it is rounded to 8 bits for each block, as
 * llama.cpp does, which is several times faster
 * @param options.minimumElements weights of fewer stay as they are; 4096 by default
 * @returns the graph, and what `encodeFourBits` has to make for it
 * @throws VesaliusError `bad-configuration` where no weight can be stored so
 */
export function fourBitProducts(
  graph: Graph,
  options: { readonly exact?: boolean; readonly minimumElements?: number } = {},
): { readonly graph: Graph; readonly weights: readonly FourBitWeight[] } {
  const readers = readersOf(graph);
  const chosen = new Map<Value, FourBitWeight>();
  for (const parameter of graph.parameters.values()) {
    if (elementCount(parameter.shape) < (options.minimumElements ?? 4096)) continue;
    const weight = usesOf(parameter, readers.get(parameter) ?? []);
    if (weight !== undefined) chosen.set(parameter, weight);
  }
  if (chosen.size === 0)
    throw new VesaliusError("bad-configuration", "no weight of the graph can be stored in 4 bits", {
      fix: `rows of weights must be multiples of ${block} numbers`,
    });
  const parts = new Map<Value, Readonly<Record<"codes" | "rows" | "scale", Value | undefined>>>();
  const rewritten = rewrite(graph, {
    forInference: true,
    parameter: (parameter, target) => {
      const weight = chosen.get(parameter);
      if (weight === undefined) return undefined;
      const { codes, rows, scale } = partsOf(weight);
      const made = (part: typeof codes, wanted: boolean, dtype: "uint8" | "float32") =>
        wanted ? target.parameter(part.name, part.shape, { kind: "zeros" }, dtype) : undefined;
      const values = {
        codes: made(codes, weight.products, "uint8"),
        rows: made(rows, weight.rows, "uint8"),
        scale: made(scale, true, "float32"),
      };
      parts.set(parameter, values);
      return values.scale;
    },
    node: (node, inputs, target) => {
      const lookup = node.inputs[0] === undefined ? undefined : chosen.get(node.inputs[0]);
      if (lookup !== undefined && isLookup(node, node.inputs[0]!)) {
        target.requireOpset("com.microsoft", 1);
        const { rows, scale } = parts.get(node.inputs[0]!)!;
        return target.node("GatherBlockQuantized", [rows, inputs[1], scale], {
          domain: "com.microsoft",
          attributes: { bits: int(4), block_size: int(block), gather_axis: int(0), quantize_axis: int(1) },
          outputTypes: [{ dtype: "float32", shape: node.outputs[0]!.shape }],
        });
      }
      const weight = node.inputs[1] === undefined ? undefined : chosen.get(node.inputs[1]);
      if (weight === undefined) return undefined;
      const { out, inside } = extents(weight);
      const { codes, scale } = parts.get(node.inputs[1]!)!;
      const x = inputs[0]!;
      target.requireOpset("com.microsoft", 1);
      const [product] = target.node("MatMulNBits", [x, codes, scale], {
        domain: "com.microsoft",
        attributes: {
          K: int(inside),
          N: int(out),
          bits: int(4),
          block_size: int(block),
          accuracy_level: int(options.exact === true ? 1 : 4),
        },
        outputTypes: [{ dtype: "float32", shape: [...x.shape.slice(0, -1), out] }],
      });
      const c = inputs[2];
      return [c === undefined ? product! : add(product!, c)];
    },
  });
  return { graph: rewritten.graph, weights: [...chosen.values()] };
}

/** Codes and scales of rows: the number of the largest magnitude becomes the code 0, which stands for -8 steps. */
function encode(numbers: Float32Array, weight: FourBitWeight): { codes: Uint8Array; scale: Float32Array } {
  const { out, inside } = extents(weight);
  const [row, step] = weight.transposed ? [inside, 1] : [1, out];
  const codes = new Uint8Array((out * inside) / 2);
  const scale = new Float32Array((out * inside) / block);
  for (let at = 0; at < scale.length; at++) {
    const first = (at * block) % inside;
    const from = Math.floor((at * block) / inside) * row + first * step;
    let largest = 0;
    for (let i = 0; i < block; i++) {
      const value = numbers[from + i * step]!;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    const size = Math.fround(largest / -8);
    scale[at] = size;
    const inverse = Math.abs(size) < 1e-30 ? 0 : 1 / size;
    for (let i = 0; i < block; i += 2) {
      const low = Math.min(15, Math.floor(numbers[from + i * step]! * inverse + 8.5));
      const high = Math.min(15, Math.floor(numbers[from + (i + 1) * step]! * inverse + 8.5));
      codes[(at * block + i) >> 1] = low | (high << 4);
    }
  }
  return { codes, scale };
}

/**
 * The tensors of a weight in 4 bits.
 *
 * @param keep moves a tensor to where it stays, once for each
 * @throws VesaliusError `checkpoint-mismatch` for another element type than float32, `not-a-number`
 */
export function encodeFourBits(
  weight: FourBitWeight,
  { data }: Tensor,
  keep: (tensor: Tensor) => Tensor = (tensor) => tensor,
): Tensors {
  if (!(data instanceof Float32Array))
    throw new VesaliusError("checkpoint-mismatch", "only float32 weights are stored in 4 bits", { where: weight.name });
  if (!data.every(Number.isFinite))
    throw new VesaliusError("not-a-number", "the weight holds values that are not finite", {
      where: weight.name,
      fix: "the checkpoint is damaged or the training that made it diverged; use another one",
    });
  const { codes, scale } = encode(data, weight);
  const parts = partsOf(weight);
  const stored = (part: { readonly shape: readonly number[] }, bytes: Uint8Array): Tensor =>
    keep({ dtype: "uint8", shape: part.shape, data: bytes });
  return new Map([
    ...(weight.products ? [[parts.codes.name, stored(parts.codes, codes)] as const] : []),
    ...(weight.rows ? [[parts.rows.name, stored(parts.rows, codes)] as const] : []),
    [parts.scale.name, keep({ dtype: "float32", shape: parts.scale.shape, data: scale })],
  ]);
}
