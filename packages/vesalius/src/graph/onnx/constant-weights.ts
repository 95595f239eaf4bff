import { domainOf } from "./decode.ts";
import type { VersionedNode } from "./functions.ts";
import type { NodeProto } from "./generated/onnx_pb.ts";

/** Where operators take weights; a Constant elsewhere is a number of a formula, a mask or a grid. */
const weightPositions: Readonly<Record<string, readonly number[]>> = {
  MatMul: [0, 1],
  Gemm: [0, 1, 2],
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Einsum: [0, 1, 2],
  Gather: [0],
  RNN: [1, 2, 3],
  GRU: [1, 2, 3],
  LSTM: [1, 2, 3],
  BatchNormalization: [1, 2, 3, 4],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  RMSNormalization: [1],
  PRelu: [1],
  FusedMatMul: [0, 1],
  FusedGemm: [0, 1, 2],
  FusedConv: [1, 2],
};

/** Operators whose result gets a bias from an addition behind them. */
const products = new Set(["MatMul", "Conv", "ConvTranspose", "Einsum", "FusedMatMul"]);
/** Operators that hand a weight on in another form. */
const passing = new Set(["Identity", "Transpose", "Reshape", "Cast", "Squeeze", "Unsqueeze", "Flatten"]);

/** Number of axes of a Constant. */
function rankOf({ attribute: [attribute] }: NodeProto): number {
  if (attribute?.t !== undefined) return attribute.t.dims.length;
  if (attribute?.sparseTensor !== undefined) return attribute.sparseTensor.dims.length;
  return attribute?.name === "value_floats" ? 1 : 0;
}

/**
 * Names of Constant nodes that weights stand in, as exporters that write no initializers have them: what operators take
 * as a weight, directly or in another form, and the vector that is added to a product.
 *
 * @param nodes in the order in which they are read
 */
export function constantWeights(nodes: readonly VersionedNode[]): Set<string> {
  const makers = new Map(nodes.flatMap(({ node }) => node.output.map((name) => [name, node] as const)));
  const found = new Set<string>();
  const take = (name: string, minimumRank: number): void => {
    const passed = new Set<NodeProto>();
    for (let at = makers.get(name); at !== undefined && !passed.has(at); at = makers.get(at.input[0] ?? "")) {
      passed.add(at);
      if (domainOf(at.domain) !== "") return;
      if (at.opType === "Constant" && rankOf(at) >= minimumRank) found.add(at.output[0] ?? "");
      if (!passing.has(at.opType)) return;
    }
  };
  for (const { node } of nodes) {
    const { opType, input } = node;
    // A vector that is looked up is one of numbers; a table has rows.
    const minimumRank = opType === "Gather" ? 2 : 1;
    for (const position of weightPositions[opType] ?? []) if (input[position]) take(input[position], minimumRank);
    if (opType !== "Add") continue;
    const isProduct = input.map((name) => products.has(makers.get(name)?.opType ?? ""));
    input.forEach((name, position) => isProduct[1 - position] === true && take(name, 1));
  }
  return found;
}
