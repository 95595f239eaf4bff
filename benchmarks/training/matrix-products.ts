import { elementCount, type Graph, lower } from "vesalius/graph";

/**
 * Floating-point operations of the matrix products of a graph, two for each multiplication with its addition. Only what
 * the outputs need is counted, and only `Gemm` and `MatMul`: the element-wise work around them (activations, norms,
 * the optimizer) takes time and counts for nothing. Products with a single row or column are left out too, because the
 * differentiation writes sums in that form.
 */
export function matrixProductOperations(graph: Graph): number {
  let operations = 0;
  for (const { type, inputs, outputs, attributes } of lower(graph, 18).nodes) {
    if (type !== "Gemm" && type !== "MatMul") continue;
    const { shape } = outputs[0]!;
    if (shape.at(-1) === 1 || shape.at(-2) === 1) continue;
    const transposed = attributes["transA"]?.value === 1;
    operations += 2 * inputs[0]!.shape.at(transposed ? -2 : -1)! * elementCount(shape);
  }
  return operations;
}
