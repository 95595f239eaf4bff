import type { Graph } from "../graph.ts";
import { readersOf } from "../readers.ts";
import type { Node, Value } from "../value.ts";

/** How a matrix product uses a weight. */
export interface WeightUse {
  /** Whether the weight is `[out, in]` and transposed by the product. */
  readonly transposed: boolean;
}

/** The use that a node makes of its second operand as a weight; undefined for other nodes. */
export function weightUse(node: Node): WeightUse | undefined {
  const [x, weight] = node.inputs;
  if (weight?.kind !== "parameter" || weight.rank !== 2 || x === undefined || node.domain !== "") return undefined;
  if (node.gradient !== undefined) return undefined;
  if (node.type === "MatMul") return x.rank >= 2 ? { transposed: false } : undefined;
  if (node.type !== "Gemm" || node.attributes["transA"]?.value === 1) return undefined;
  return node.inputs[2] === weight || x === weight ? undefined : { transposed: node.attributes["transB"]?.value === 1 };
}

/**
 * Weights that are only read as the second operand of matrix products, and always the same way round.
 *
 * @returns how each is used
 */
export function projectionWeights(graph: Graph): Map<Value, WeightUse> {
  const found = new Map<Value, WeightUse>();
  const readers = readersOf(graph);
  for (const parameter of graph.parameters.values()) {
    const uses = (readers.get(parameter) ?? []).map((node) =>
      node?.inputs[1] === parameter ? weightUse(node) : undefined,
    );
    const [first] = uses;
    if (first !== undefined && uses.every((use) => use?.transposed === first.transposed)) found.set(parameter, first);
  }
  return found;
}
