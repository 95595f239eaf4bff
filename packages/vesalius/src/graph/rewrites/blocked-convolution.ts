import { int, ints } from "../attributes.ts";
import { gather, pad, reshape, transpose } from "../functions/index.ts";
import type { Graph } from "../graph.ts";
import { numberAttribute } from "../operators/definition.ts";
import { type Windows, windowsOver } from "../operators/windows.ts";
import { elementCount, tensor } from "../../common/tensor.ts";
import type { Attributes, Node, Value } from "../value.ts";
import { rewrite } from "./rewrite.ts";

/** ONNX Runtime's own operators on channels in blocks. */
export const blockedDomain = "com.microsoft.nchwc";

/**
 * Fewest positions of a result, over the batch, for which blocks pay: with fewer, bringing the weight into blocks costs
 * more than it saves. Measured with kernels of 3 and 32 to 256 channels, ONNX Runtime 1.30.
 */
const fewestPositions = 2048;
/** Most elements of the planes that a convolution of volumes stacks. */
const largestStack = 2 ** 26;

function operator(type: string, inputs: readonly Value[], attributes: Attributes, shape: readonly number[]): Value {
  const { graph, dtype } = inputs[0]!;
  graph.requireOpset(blockedDomain, 1);
  return graph.node(type, inputs, { domain: blockedDomain, attributes, outputTypes: [{ dtype, shape }] })[0]!;
}

/** Brings images `[batch, channels, height, width]` into blocks of channels. */
export const toBlocks = (x: Value): Value => operator("ReorderInput", [x], {}, x.shape);

/** Whether a node is a convolution of images or volumes that is faster on blocks. */
function pays({ type, domain, inputs, outputs, attributes }: Node, block: number): boolean {
  if (type !== "Conv" || domain !== "") return false;
  const [x, weight] = inputs as [Value, Value];
  const { dtype, shape } = outputs[0]!;
  if (dtype !== "float32" || numberAttribute(attributes, "group", 1) !== 1) return false;
  const [batch, outChannels, ...extents] = shape as [number, number, ...number[]];
  const inChannels = x.shape[1]!;
  // The engine brings constant weights of images into blocks itself, and further ahead.
  const suits =
    extents.length === 2
      ? weight.kind !== "constant"
      : extents.length === 3 && elementCount(x.shape) * weight.shape[2]! <= largestStack;
  return (
    suits &&
    outChannels % block === 0 &&
    inChannels % block === 0 &&
    elementCount(weight.shape.slice(2)) > 1 &&
    batch * elementCount(extents) >= fewestPositions
  );
}

/** Weight `[out, in, height, width]` as `[out / block, in / block, height, width, block of in, block of out]`. */
function blockedWeight(weight: Value, block: number): Value {
  const [out, inside, height, width] = weight.shape as [number, number, number, number];
  const parts = reshape(weight, [out / block, block, inside / block, block, height, width]);
  return reshape(transpose(parts, [0, 2, 4, 5, 3, 1]), weight.shape);
}

/** A convolution of images that are in blocks, with the result as it is without them. */
function onBlocks(
  x: Value,
  weight: Value,
  bias: readonly Value[],
  attributes: Attributes,
  shape: readonly number[],
  block: number,
): Value {
  const y = operator("Conv", [x, blockedWeight(weight, block), ...bias], attributes, shape);
  return operator("ReorderOutput", [y], { channels: int(shape[1]!) }, shape);
}

/** A convolution of volumes as one of images: the planes that the kernel meets are stacked as channels. */
function overPlanes(
  [x, weight, ...bias]: readonly [Value, Value, ...Value[]],
  attributes: Attributes,
  result: readonly number[],
  block: number,
): Value {
  const [batch, channels, depth, height, width] = x.shape as [number, number, number, number, number];
  const [out, , ...kernel] = weight.shape as [number, number, number, number, number];
  const windows = windowsOver(attributes, kernel, [depth, height, width]);
  const [deep, ...others] = result.slice(2) as [number, number, number];
  const planes = swapped(x, [batch, channels, depth, height * width]);
  const blocks = toBlocks(reshape(planes, [batch * depth, channels, height, width]));
  const met = metPlanes(windows, batch, depth, deep);
  const none = batch * depth;
  const flat = reshape(blocks, [none, channels * height * width]);
  const withZero = met.includes(none) ? pad(flat, [0, 0, 1, 0]) : flat;
  const stacked = gather(withZero, x.graph.constant(tensor("int32", [batch * deep, kernel[0]], met)), 0);
  const stackedWeight = reshape(transpose(weight, [0, 2, 1, 3, 4]), [out, kernel[0] * channels, kernel[1], kernel[2]]);
  const inPlane = (list: readonly number[]) => ints(list.slice(1));
  const y = onBlocks(
    reshape(stacked, [batch * deep, kernel[0] * channels, height, width]),
    stackedWeight,
    bias,
    {
      kernel_shape: inPlane(kernel),
      strides: inPlane(windows.strides),
      dilations: inPlane(windows.dilations),
      pads: ints([...windows.before.slice(1), ...windows.after.slice(1)]),
      group: int(1),
    },
    [batch * deep, out, ...others],
    block,
  );
  return reshape(swapped(y, [batch, deep, out, elementCount(others)]), result);
}

/** A value as `shape`, of rank four, with its two middle axes exchanged. */
const swapped = (x: Value, shape: readonly number[]): Value => transpose(reshape(x, shape), [0, 2, 1, 3]);

/** Planes of a batch of volumes that each plane of the result meets; their number, where it meets padding. */
function metPlanes({ kernel, strides, dilations, before }: Windows, batch: number, depth: number, deep: number) {
  return Int32Array.from({ length: batch * deep * kernel[0]! }, (_, i) => {
    const [position, plane] = [i % kernel[0]!, Math.floor(i / kernel[0]!)];
    const at = (plane % deep) * strides[0]! + position * dilations[0]! - before[0]!;
    return at >= 0 && at < depth ? Math.floor(plane / deep) * depth + at : batch * depth;
  });
}

/**
 * Computes convolutions of images with weights that change on channels in blocks, as ONNX Runtime itself does with
 * constant weights: its convolution for other layouts unfolds the input, which with few channels takes longer than the
 * products. Convolutions of volumes, for which it has no blocks, become such convolutions over their planes.
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
      return shape.length === 4
        ? [onBlocks(toBlocks(x), weight, bias, node.attributes, shape, block)]
        : [overPlanes([x, weight, ...bias], node.attributes, shape, block)];
    },
  }).graph;
}
