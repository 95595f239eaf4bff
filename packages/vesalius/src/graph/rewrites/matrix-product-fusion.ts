import { float, int } from "../attributes.ts";
import { matMul, reshape, transpose } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { numberAttribute, permutationOf } from "../operators/definition.ts";
import { uniformNumber } from "../operators/uniform.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { beforeReshapes, type Readers, readersOf, soleSource } from "../readers.ts";
import { pruned, rewrite } from "./rewrite.ts";

const isProduct = (node: Node | undefined): node is Node =>
  node !== undefined && (node.type === "Gemm" || node.type === "MatMul" || node.type === "FusedMatMul");

/** The number of a float constant with one element. */
const scalarOf = (value: Value | undefined): number | undefined =>
  value?.tensor !== undefined && value.dtype === "float32" && elementCount(value.shape) === 1
    ? (value.tensor.data[0] as number)
    : undefined;

/** Splits `x * c`, with a constant number c, into its parts. */
function scaling(value: Value): { readonly x: Value; readonly factor: number } | undefined {
  if (value.node?.type !== "Mul") return undefined;
  const [a, b] = value.node.inputs as [Value, Value];
  for (const [x, c] of [
    [a, b],
    [b, a],
  ] as const) {
    const factor = scalarOf(c);
    if (factor !== undefined && x.rank === value.rank) return { x, factor };
  }
  return undefined;
}

/** An operand without its constant factor, which may stand in front of a change of shape. */
function withoutFactor(value: Value): { readonly x: Value; readonly factor: number } {
  const direct = scaling(value);
  if (direct !== undefined) return direct;
  if (value.node?.type !== "Reshape") return { x: value, factor: 1 };
  const { x, factor } = withoutFactor(value.node.inputs[0]!);
  return factor === 1 ? { x: value, factor } : { x: reshape(x, value.shape), factor };
}

/**
 * The matrices that a value is the transpose of, or undefined. A transposition that also moves other axes is split where
 * that leaves the rows of the last axis whole: moving them is cheaper, and often they stand that way already.
 */
function transposed(value: Value): Value | undefined {
  if (value.node?.type !== "Transpose" || value.rank < 2) return undefined;
  const order = permutationOf(value, value.node.attributes);
  if (order.at(-2) !== value.rank - 1) return undefined;
  return transpose(value.node.inputs[0]!, [...order.slice(0, -2), order.at(-1)!, value.rank - 1]);
}

/** A product again, times a factor. */
function scaledProduct(node: Node, inputs: readonly (Value | undefined)[], factor: number): Value {
  const alpha = factor * numberAttribute(node.attributes, "alpha", 1);
  const { graph, dtype, shape } = node.outputs[0]!;
  const target = inputs[0]?.graph ?? graph;
  if (node.type === "Gemm") {
    const beta = factor * numberAttribute(node.attributes, "beta", 1);
    const attributes = { ...node.attributes, alpha: float(alpha), ...(inputs[2] ? { beta: float(beta) } : {}) };
    return target.node("Gemm", inputs, { attributes })[0]!;
  }
  return target.node("FusedMatMul", inputs, {
    domain: "com.microsoft",
    attributes: { ...node.attributes, alpha: float(alpha) },
    outputTypes: [{ dtype, shape }],
  })[0]!;
}

/** Takes factors and transpositions of the operands into a product; undefined where there are none. */
function absorbOperands(node: Node, inputs: readonly (Value | undefined)[]): Value | undefined {
  const [a, b] = [withoutFactor(inputs[0]!), withoutFactor(inputs[1]!)];
  const factor = a.factor * b.factor;
  if (node.type === "Gemm") {
    if (factor === 1) return undefined;
    const attributes = { ...node.attributes, alpha: float(factor * numberAttribute(node.attributes, "alpha", 1)) };
    return a.x.graph.node("Gemm", [a.x, b.x, ...inputs.slice(2)], { attributes })[0]!;
  }
  if (a.x.rank < 2 || b.x.rank < 2) return undefined;
  // The fast kernel for a single row knows no factor, but a row of equal numbers, as it stands in sums, takes it in.
  if (a.x.rank === 2 && a.x.shape[0] === 1) {
    const number = factor === 1 ? undefined : uniformNumber(a.x);
    if (number === undefined) return undefined;
    return matMul(a.x.graph.filled(a.x.shape, number * factor), b.x);
  }
  const [at, bt] = [transposed(a.x), transposed(b.x)];
  if (factor === 1 && at === undefined && bt === undefined) return undefined;
  const attributes = { transA: int(at ? 1 : 0), transB: int(bt ? 1 : 0) };
  return scaledProduct({ ...node, type: "MatMul", attributes }, [at ?? a.x, bt ?? b.x], factor);
}

/** Whether the node behind a value is a product that nothing else reads; not one of single rows, whose kernel knows no factor. */
function takesFactor(value: Value, readers: Readers): boolean {
  const source = soleSource(value, readers);
  return isProduct(source) && source.outputs[0]!.shape.at(-2) !== 1;
}

/**
 * Takes constant factors and transpositions into the matrix products next to them, where the kernels apply them on the
 * way: `alpha` of Gemm, and `com.microsoft.FusedMatMul` of ONNX Runtime in place of MatMul. A factor or a transposition
 * of its own is a pass over memory, which on few cores costs more than its share of the arithmetic.
 *
 * The result computes the same and is for running, not for export or differentiation.
 */
export function fuseMatrixProducts(graph: Graph): Graph {
  const readers = readersOf(graph);
  const fused = rewrite(graph, {
    forInference: true,
    node: (node, inputs) => {
      if (node.outputs[0]?.dtype !== "float32" || node.domain !== "") return undefined;
      if (node.type === "Gemm" || node.type === "MatMul") {
        const product = absorbOperands(node, inputs);
        return product && [product];
      }
      const parts = scaling(node.outputs[0]);
      if (parts === undefined || !takesFactor(parts.x, readers)) return undefined;
      // The product is written anew with the factor; the one without it has no reader left and is dropped below.
      const product = beforeReshapes(inputs[node.inputs.indexOf(parts.x)]!).node!;
      return [reshape(scaledProduct(product, product.inputs, parts.factor), node.outputs[0].shape)];
    },
  }).graph;
  return pruned(fused);
}
