import { VesaliusError } from "../../common/errors.ts";
import { reduceSum } from "../functions/index.ts";
import { formatShape } from "../shapes.ts";
import type { TensorType } from "../../common/tensor.ts";
import type { Attributes, GradientContext, Value } from "../value.ts";
import { convolve, inputGradient } from "./convolution-input-gradient.ts";
import { weightGradient } from "./convolution-weight-gradient.ts";
import {
  type InferenceContext,
  listAttribute,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
} from "./definition.ts";
import { halves, reach, windowAttributes, windowCounts, type Windows, windowsOver } from "./windows.ts";

const groupsOf = (attributes: Attributes): number => numberAttribute(attributes, "group", 1);

/** Checks input `[batch, channels, ...]`, weight `[a, b, ...kernel]` and bias, and returns the first two. */
function operands(
  { inputs, attributes, type }: InferenceContext,
  weightAxis: 0 | 1,
  outChannels: number,
): [Value, Value] {
  const [x, weight, bias] = [requireInput(inputs, 0, type), requireInput(inputs, 1, type), inputs[2]];
  if (x.rank < 3 || weight.rank !== x.rank)
    throw new VesaliusError("shape-mismatch", "input and weight need the same three or more axes");
  const expected = weightAxis === 1 ? x.shape[1]! / groupsOf(attributes) : x.shape[1];
  if (weight.shape[weightAxis] !== expected)
    throw new VesaliusError(
      "shape-mismatch",
      `the weight takes ${weight.shape[weightAxis]} channels on axis ${weightAxis}, expected ${expected}`,
    );
  if (weight.shape[0]! % groupsOf(attributes) !== 0)
    throw new VesaliusError("shape-mismatch", `${weight.shape[0]} channels are no multiple of the group count`);
  if (bias !== undefined && (bias.rank !== 1 || bias.shape[0] !== outChannels))
    throw new VesaliusError(
      "shape-mismatch",
      `the bias has shape ${formatShape(bias.shape)}, expected [${outChannels}]`,
    );
  return [x, weight];
}

function inferConvolution(context: InferenceContext): readonly TensorType[] {
  const outChannels = requireInput(context.inputs, 1, "Conv").shape[0]!;
  const [x, weight] = operands(context, 1, outChannels);
  const windows = windowsOver(context.attributes, weight.shape.slice(2), x.shape.slice(2));
  return [{ dtype: x.dtype, shape: [x.shape[0]!, outChannels, ...windowCounts(x.shape.slice(2), windows)] }];
}

/** Gradient of a bias that is added to each channel. */
const biasGradient = (dy: Value): Value =>
  reduceSum(dy, [0, ...dy.shape.slice(2).map((_, i) => i + 2)], { keepDimensions: false });

function convolutionGradient({ node, inputs, outputGradients, needed }: GradientContext) {
  const [x, weight] = [inputs[0]!, inputs[1]!];
  const dy = outputGradients[0]!;
  const windows = windowsOver(node.attributes, weight.shape.slice(2), x.shape.slice(2));
  const groups = groupsOf(node.attributes);
  return [
    needed[0] ? inputGradient(dy, weight, x.shape, windows, groups) : undefined,
    needed[1] ? weightGradient(x, dy, windows, groups) : undefined,
    needed[2] ? biasGradient(dy) : undefined,
  ];
}

/** The windows of a transposed convolution: those of the convolution whose input gradient it is. */
export function transposedWindows(
  attributes: Attributes,
  kernel: readonly number[],
  extents: readonly number[],
): { windows: Windows; outputExtents: readonly number[] } {
  const { strides, dilations, pads, autoPad } = windowAttributes(attributes, kernel);
  const extra = listAttribute(attributes, "output_padding") ?? kernel.map(() => 0);
  const rank = kernel.length;
  const windows = { kernel, strides, dilations, before: pads.slice(0, rank), after: pads.slice(rank) };
  const full = extents.map((extent, i) => (extent - 1) * strides[i]! + extra[i]! + reach(windows, i));
  const same = autoPad.startsWith("SAME")
    ? extents.map((extent, i) => Math.min(extent * strides[i]!, full[i]!))
    : undefined;
  const outputExtents = listAttribute(attributes, "output_shape")?.slice(-rank) ?? same;
  if (outputExtents !== undefined) {
    const totals = full.map((extent, i) => Math.max(0, extent - outputExtents[i]!));
    // ONNX puts the odd element in front unless SAME_UPPER is asked for, other than in a convolution.
    return {
      windows: { ...windows, ...halves(totals, autoPad === "SAME_UPPER" ? autoPad : "SAME_LOWER") },
      outputExtents,
    };
  }
  const none = kernel.map(() => 0);
  const padded = autoPad === "VALID" ? { ...windows, before: none, after: none } : windows;
  return {
    windows: padded,
    outputExtents: full.map((extent, i) => extent - padded.before[i]! - padded.after[i]!),
  };
}

function inferTransposed(context: InferenceContext): readonly TensorType[] {
  const outChannels = requireInput(context.inputs, 1, "ConvTranspose").shape[1]! * groupsOf(context.attributes);
  const [x, weight] = operands(context, 0, outChannels);
  const { outputExtents } = transposedWindows(context.attributes, weight.shape.slice(2), x.shape.slice(2));
  if (outputExtents.some((extent) => extent < 1))
    throw new VesaliusError("shape-mismatch", `the pads leave nothing of the output, ${formatShape(outputExtents)}`);
  return [{ dtype: x.dtype, shape: [x.shape[0]!, outChannels, ...outputExtents] }];
}

/** A transposed convolution is the input gradient of a convolution, so its own gradients swap input and output. */
function transposedGradient({ node, inputs, outputGradients, needed }: GradientContext) {
  const [x, weight] = [inputs[0]!, inputs[1]!];
  const dy = outputGradients[0]!;
  const { windows } = transposedWindows(node.attributes, weight.shape.slice(2), x.shape.slice(2));
  const groups = groupsOf(node.attributes);
  return [
    needed[0] ? convolve(dy, weight, windows, groups, x.shape.slice(2)) : undefined,
    needed[1] ? weightGradient(dy, x, windows, groups) : undefined,
    needed[2] ? biasGradient(dy) : undefined,
  ];
}

/** Convolution and transposed convolution over any number of spatial axes (kernels exist for 1, 2 and 3). */
export const convolution: readonly OperatorDefinition[] = [
  { type: "Conv", sinceVersion: 11, infer: inferConvolution, gradient: convolutionGradient },
  { type: "ConvTranspose", sinceVersion: 11, infer: inferTransposed, gradient: transposedGradient },
];
