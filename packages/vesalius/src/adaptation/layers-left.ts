import { elementCount, type Graph, type Node, type Value } from "../graph/index.ts";
import { type AdaptableLayer, moduleName } from "./layers.ts";
import { passesOn } from "./weight-source.ts";

/** A layer with a weight that an adapter cannot be put on, and why. */
export interface LayerLeft {
  readonly module: string;
  readonly reason: string;
}

/** Operators of layers with weights. */
const weighted: ReadonlySet<string> = new Set([
  "MatMul",
  "Gemm",
  "Einsum",
  "Conv",
  "ConvTranspose",
  "DeformConv",
  "Gather",
]);
const ofIntegers: ReadonlySet<string> = new Set(["MatMulInteger", "ConvInteger", "QLinearMatMul", "QLinearConv"]);
const recurrent: ReadonlySet<string> = new Set(["RNN", "GRU", "LSTM"]);

/** Values that no input of the graph changes, and that are made of more than a few numbers. */
function weightLike(graph: Graph): Set<Value> {
  const fixed = new Set<Value>();
  const isFixed = (value: Value): boolean =>
    value.kind === "parameter" || fixed.has(value) || (value.kind === "constant" && value.dtype !== "string");
  for (const { inputs, outputs } of graph.nodes)
    if (inputs.length > 0 && inputs.every((input) => input === undefined || isFixed(input)))
      for (const output of outputs) fixed.add(output);
  const isLarge = ({ shape }: Value): boolean => shape.length >= 2 && elementCount(shape) > 1;
  return new Set(
    graph.nodes.flatMap(({ inputs }) =>
      inputs.flatMap((input) => (input !== undefined && isFixed(input) && isLarge(input) ? [input] : [])),
    ),
  );
}

/** What stands between a layer and a weight that could be adapted. */
function madeBy(operand: Value): string {
  let value = operand;
  while (value.node !== undefined && passesOn(value.node)) value = value.node.inputs[0]!;
  if (value.node !== undefined) return `its weight is computed by ${value.node.type}`;
  return value.kind === "constant"
    ? "its weight is a constant of the graph (name it a parameter with isParameter when the model is read)"
    : `its weight stands in ${value.name}, in a form that is no matrix`;
}

function reasonOf(node: Node, operand: Value): string | undefined {
  const type = node.domain === "" ? node.type : `${node.domain}.${node.type}`;
  if (node.domain.startsWith("com.microsoft"))
    return `${type} is an operator of ONNX Runtime's own; export the model without its optimisation, and quantised weights with DequantizeLinear`;
  if (node.domain !== "") return `${type} is no operator of ONNX`;
  if (ofIntegers.has(type))
    return `${type} computes with integers, which have no gradient; quantise the model with QuantizeLinear and DequantizeLinear (the QDQ format)`;
  if (recurrent.has(type)) return `the weights of ${type} are several matrices in one`;
  if (!weighted.has(type)) return undefined;
  if (node.gradient !== undefined)
    return "it has a gradient of its own, as layers with quantised weights have in training";
  if (type === "DeformConv") return "there is no form for DeformConv";
  if (type === "Gather") return operand.rank === 2 ? undefined : `it is a table of ${operand.rank} axes`;
  return madeBy(operand);
}

/** Layers with weights that adapters cannot be put on, each with the reason, in the order of the nodes. */
export function layersLeft(graph: Graph, layers: readonly AdaptableLayer[]): LayerLeft[] {
  const taken = new Set(layers.map(({ node }) => node));
  const fixed = weightLike(graph);
  const left = new Map<string, string>();
  for (const node of graph.nodes) {
    if (taken.has(node)) continue;
    const operands = node.inputs.filter((input): input is Value => input !== undefined && fixed.has(input));
    const depends = node.inputs.some((input) => input !== undefined && !fixed.has(input) && input.kind !== "constant");
    const [operand] = operands;
    if (operand === undefined || !depends) continue;
    const reason = reasonOf(node, operand);
    if (reason !== undefined) left.set(moduleName(operand, node), reason);
  }
  return [...left].map(([module, reason]) => ({ module, reason }));
}
