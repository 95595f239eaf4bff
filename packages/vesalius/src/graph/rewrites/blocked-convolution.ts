import { int } from "../attributes.ts";
import { reshape, transpose } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { numberAttribute } from "../operators/definition.ts";
import { elementCount } from "../tensor.ts";
import type { Attributes, Node, Value } from "../value.ts";
import { rewrite } from "./rewrite.ts";

/** ONNX Runtime's own operators on channels in blocks. */
export const blockedDomain = "com.microsoft.nchwc";

/**
 * Fewest positions of a result for which blocks pay: with fewer, bringing the weight into blocks costs more than it
 * saves. Measured with 3 x 3 kernels and 32 to 256 channels, ONNX Runtime 1.30.
 */
const fewestPositions = 1024;

function operator(type: string, inputs: readonly Value[], attributes: Attributes, shape: readonly number[]): Value {
  const { graph, dtype } = inputs[0]!;
  graph.requireOpset(blockedDomain, 1);
  return graph.node(type, inputs, { domain: blockedDomain, attributes, outputTypes: [{ dtype, shape }] })[0]!;
}

/** Brings images `[batch, channels, height, width]` into blocks of channels. */
export const toBlocks = (x: Value): Value => operator("ReorderInput", [x], {}, x.shape);

/** Whether a node is a convolution of images that is faster on blocks. */
function pays({ type, domain, inputs, outputs, attributes }: Node, block: number): boolean {
  if (type !== "Conv" || domain !== "") return false;
  const [x, weight] = inputs as [Value, Value];
  const { dtype, shape } = outputs[0]!;
  if (dtype !== "float32" || shape.length !== 4 || numberAttribute(attributes, "group", 1) !== 1) return false;
  // The engine brings constant weights into blocks itself, and further ahead.
  if (weight.kind === "constant") return false;
  const [outChannels, inChannels] = [weight.shape[0]!, x.shape[1]!];
  return (
    outChannels % block === 0 &&
    inChannels % block === 0 &&
    elementCount(weight.shape.slice(2)) > 1 &&
    elementCount(shape.slice(2)) >= fewestPositions
  );
}

/** Weight `[out, in, height, width]` as `[out / block, in / block, height, width, block of in, block of out]`. */
function blockedWeight(weight: Value, block: number): Value {
  const [out, inside, height, width] = weight.shape as [number, number, number, number];
  const parts = reshape(weight, [out / block, block, inside / block, block, height, width]);
  return reshape(transpose(parts, [0, 2, 4, 5, 3, 1]), weight.shape);
}

/**
 * Computes convolutions of images with weights that change on channels in blocks, as ONNX Runtime itself does with
 * constant weights: its convolution for other layouts unfolds the input, which with few channels takes longer than the
 * products.
 *
 * The result computes the same and is for running on the processor, not for export or differentiation.
 *
 * @param block channels in a block, as the processor has it
 */
export function blockConvolutions(graph: Graph, block: number): Graph {
  if (!graph.nodes.some((node) => pays(node, block))) return graph;
  return rewrite(graph, {
    forInference: true,
    node: (node, inputs) => {
      if (!pays(node, block)) return undefined;
      const [x, weight, ...bias] = inputs as [Value, Value, ...Value[]];
      const { shape } = node.outputs[0]!;
      const operands = [toBlocks(x), blockedWeight(weight, block), ...bias];
      const y = operator("Conv", operands, node.attributes, shape);
      return [operator("ReorderOutput", [y], { channels: int(shape[1]!) }, shape)];
    },
  }).graph;
}
