import { add, multiply } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { numberAttribute } from "../operators/definition.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { rewrite } from "./rewrite.ts";

/** Elements of a product beyond which adding the bias afterwards is faster. */
const mostElements = 2 ** 19;

function isWorthIt({ type, domain, inputs, outputs }: Node): boolean {
  const [bias, y] = [inputs[2], outputs[0]!];
  if (type !== "Gemm" || domain !== "" || y.dtype !== "float32" || bias === undefined) return false;
  const isRow = elementCount(bias.shape) === y.shape[1] && bias.shape.at(-1) === y.shape[1];
  return isRow && elementCount(y.shape) > mostElements;
}

/**
 * Adds the biases of large products in a pass of their own. ONNX Runtime first fills the result of Gemm with its addend,
 * by one thread, and then adds the product to it; the pass after it has all threads.
 *
 * The result computes the same and is for running on the processor, not for export or differentiation.
 */
export function separateBiases(graph: Graph): Graph {
  if (!graph.nodes.some(isWorthIt)) return graph;
  return rewrite(graph, {
    forInference: true,
    node: (node, inputs, target) => {
      if (!isWorthIt(node)) return undefined;
      const [a, b, bias] = inputs as readonly [Value, Value, Value];
      const { beta: _, ...attributes } = node.attributes;
      const factor = numberAttribute(node.attributes, "beta", 1);
      const product = target.node("Gemm", [a, b], { attributes })[0]!;
      return [add(product, factor === 1 ? bias : multiply(bias, factor))];
    },
  }).graph;
}
