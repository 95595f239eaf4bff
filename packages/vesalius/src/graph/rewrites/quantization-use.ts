import { int } from "../attributes.ts";
import { emit } from "../emit.ts";
import { add, matMul, multiply, reshape, transpose } from "../functions/index.ts";
import { numberAttribute } from "../operators/definition.ts";
import { definitionOf } from "../registry.ts";
import type { Attributes, CustomGradient, GradientRule, Node, Value } from "../value.ts";
import { copiedAfter } from "./quantization-order.ts";
import { nestedBlockSize, normalFloatLevels } from "./quantization-normal-float.ts";
import { extentsOf, type QuantizedPart, type QuantizedWeight } from "./quantization-weights.ts";

/** Tensors of a quantised weight as values of a graph. */
export type PartValues = ReadonlyMap<QuantizedPart, Value>;

/**
 * Gradient of a product whose weight is frozen: the operator's own rule, with the weight made once more when the
 * gradient of the output is there. `uses` are the values that it is made of.
 */
export function withRemadeWeight(
  type: string,
  uses: readonly Value[],
  remake: (uses: readonly Value[], ready: Value) => Value,
): CustomGradient {
  const own = definitionOf(type)!.gradient as GradientRule;
  return {
    uses,
    rule: (context) => {
      const inputs = [...context.inputs];
      inputs[1] = remake(context.uses, context.outputGradients[0]!);
      return own({ ...context, inputs, needed: context.needed.map((needed, position) => needed && position !== 1) });
    },
  };
}

/** Blocks of integers as float32 `[in, out]`; `scale` may be a copy of the stored one. */
const integerWeight = ({ blockSize }: QuantizedWeight, codes: Value, scale: Value, zeroPoint?: Value): Value =>
  emit("DequantizeLinear", [codes, scale, ...(zeroPoint ? [zeroPoint] : [])], {
    axis: int(0),
    block_size: int(blockSize),
  });

/** The magnitude of each NF4 block, flat. */
function blockMagnitudes(parts: PartValues): Value {
  const centred = emit("DequantizeLinear", [parts.get("absmax")!, parts.get("nestedScale")!], {
    axis: int(1),
    block_size: int(nestedBlockSize),
  });
  return reshape(add(centred, parts.get("offset")!), [centred.shape[1]!]);
}

/** The two levels of each byte, high half first. */
const levelPairs = Float32Array.from(
  { length: 512 },
  (_, i) => normalFloatLevels[(i & 1) === 0 ? i >> 5 : (i >> 1) & 15]!,
);

/** NF4 as float32 `[out, in]` in ONNX's own operators: each byte looks up two levels. */
function normalFloatWeight(weight: QuantizedWeight, parts: PartValues, x: Value): Value {
  const { out, inside } = extentsOf(weight);
  const levels = x.graph.constant({ dtype: "float32", shape: [256, 2], data: levelPairs });
  // Without the wait an engine would fold the whole of this into a float weight when it loads the model.
  const codes = emit("Cast", [copiedAfter(parts.get("codes")!, x)], { to: int(6) });
  const pairs = emit("Gather", [levels, codes], { axis: int(0) });
  const blocks = (out * inside) / weight.blockSize;
  const magnitudes = reshape(blockMagnitudes(parts), [blocks, 1]);
  return reshape(multiply(reshape(pairs, [blocks, weight.blockSize]), magnitudes), [out, inside]);
}

/** Parts of an NF4 weight in the order in which a gradient rule uses them. */
const normalFloatParts = ["codes", "absmax", "nestedScale", "offset"] as const;

/**
 * `x W^T` with NF4 weights by the kernel of ONNX Runtime. For `dy W` it has none that works: its attribute `transB` is
 * taken for 1 whatever it says (1.30, CPU).
 */
function normalFloatProduct(weight: QuantizedWeight, parts: PartValues, x: Value): Value {
  const { out, inside } = extentsOf(weight);
  const attributes: Attributes = {
    K: int(inside),
    N: int(out),
    block_size: int(weight.blockSize),
    quant_type: int(1),
    transB: int(1),
  };
  x.graph.requireOpset("com.microsoft", 1);
  return x.graph.node("MatMulBnb4", [x, parts.get("codes")!, blockMagnitudes(parts)], {
    domain: "com.microsoft",
    attributes,
    outputTypes: [{ dtype: "float32", shape: [...x.shape.slice(0, -1), out] }],
    gradient: {
      uses: normalFloatParts.map((part) => parts.get(part)!),
      rule: ({ uses, outputGradients: [dy] }) => {
        const again = new Map(normalFloatParts.map((part, i) => [part, uses[i]!]));
        return [matMul(dy!, normalFloatWeight(weight, again, dy!))];
      },
    },
  })[0]!;
}

/** `alpha * product + beta * addend`, as Gemm has it. */
function addend(product: Value, { attributes }: Node, c: Value | undefined): Value {
  const scaled = (x: Value, by: number): Value => (by === 1 ? x : multiply(x, by));
  const y = scaled(product, numberAttribute(attributes, "alpha", 1));
  return c === undefined ? y : add(y, scaled(c, numberAttribute(attributes, "beta", 1)));
}

/** What a quantised product is for: see `QuantizationOptions`. */
export type QuantizedUse = "training" | "inference";

/**
 * The product of a node with its weight quantised.
 *
 * @param inputs operands of the node in the new graph; the weight's place is not read
 */
export function quantizedProduct(
  node: Node,
  inputs: readonly (Value | undefined)[],
  weight: QuantizedWeight,
  parts: PartValues,
  use: QuantizedUse,
): Value {
  const [x, , c] = [inputs[0]!, undefined, inputs[2]];
  const isGemm = node.type === "Gemm";
  const oriented = (attributes: Attributes, transB: boolean): Attributes =>
    isGemm ? { ...attributes, transB: int(transB ? 1 : 0) } : attributes;
  const codes = parts.get("codes")!;
  if (weight.format === "nf4") {
    if (use === "inference") {
      const w = normalFloatWeight(weight, parts, x);
      return isGemm
        ? emit("Gemm", [x, w, ...(c ? [c] : [])], oriented(node.attributes, true))
        : matMul(x, transpose(w, [1, 0]));
    }
    return addend(normalFloatProduct(weight, parts, x), node, c);
  }
  const scale = parts.get("scale")!;
  const zeroPoint = parts.get("zeroPoint");
  const uses = [codes, scale, ...(zeroPoint ? [zeroPoint] : [])];
  const remake = ([q, s, z]: readonly Value[], ready: Value): Value =>
    integerWeight(weight, q!, copiedAfter(s!, ready), z);
  const w = use === "training" ? remake(uses, x) : integerWeight(weight, codes, scale, zeroPoint);
  return x.graph.node(node.type, [x, w, ...(c ? [c] : [])], {
    attributes: oriented(node.attributes, false),
    gradient: withRemadeWeight(node.type, uses, remake),
  })[0]!;
}
