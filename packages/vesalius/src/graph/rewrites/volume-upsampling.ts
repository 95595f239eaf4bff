import { int, string } from "../attributes.ts";
import { emit } from "../emit.ts";
import { add, matMul, reshape, transpose } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { transposedWindows } from "../operators/convolution.ts";
import { numberAttribute } from "../operators/definition.ts";
import { areTiles } from "../operators/windows.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { rewrite } from "./rewrite.ts";

/** Whether a node enlarges volumes so that each element becomes a block of the result. */
function enlargesVolumes({ type, domain, inputs, outputs, attributes }: Node): boolean {
  if (type !== "ConvTranspose" || domain !== "" || outputs[0]!.dtype !== "float32") return false;
  const [x, weight] = inputs as readonly [Value, Value];
  if (x.rank !== 5 || numberAttribute(attributes, "group", 1) !== 1) return false;
  const { windows, outputExtents } = transposedWindows(attributes, weight.shape.slice(2), x.shape.slice(2));
  return areTiles(windows) && outputExtents.every((extent, i) => extent === x.shape[i + 2]! * windows.kernel[i]!);
}

/** The product of the weight with the elements, and its rows brought to their places. */
function enlarge(x: Value, weight: Value, bias: Value | undefined, shape: readonly number[]): Value {
  const [batch, channels, depth, height, width] = x.shape as [number, number, number, number, number];
  const [, out, deep, size] = weight.shape as [number, number, number, number, number];
  const rows = reshape(transpose(weight, [3, 4, 1, 2, 0]), [size * size * out * deep, channels]);
  const products = matMul(rows, reshape(x, [batch, channels, depth * height * width]));
  // Planes of one position after another, to planes as they lie in the result.
  const planes = transpose(reshape(products, [batch * size * size * out, deep, depth, height * width]), [0, 2, 1, 3]);
  const stacked = reshape(planes, [batch, size * size * out * depth * deep, height, width]);
  const y = emit("DepthToSpace", [stacked], { blocksize: int(size), mode: string("DCR") });
  if (bias === undefined) return reshape(y, shape);
  const flat = reshape(y, [batch, out, elementCount(shape) / (batch * out)]);
  return reshape(add(flat, reshape(bias, [1, out, 1])), shape);
}

/**
 * Computes transposed convolutions of volumes whose windows lie side by side as matrix products: two to three times as
 * fast as ONNX Runtime's own kernel.
 *
 * The result computes the same and is for running on the processor, not for export or differentiation.
 */
export function enlargeVolumesByProducts(graph: Graph): Graph {
  if (!graph.nodes.some(enlargesVolumes)) return graph;
  return rewrite(graph, {
    forInference: true,
    node: (node, inputs) => {
      if (!enlargesVolumes(node)) return undefined;
      const [x, weight, bias] = inputs as readonly [Value, Value, Value | undefined];
      return [enlarge(x, weight, bias, node.outputs[0]!.shape)];
    },
  }).graph;
}
