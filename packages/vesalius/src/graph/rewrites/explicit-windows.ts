import { ints, withoutAttributes } from "../attributes.ts";
import { emit, emitMany } from "../emit.ts";
import type { Graph } from "../graph.ts";
import { transposedWindows } from "../operators/convolution.ts";
import { listAttribute, numberAttribute, stringAttribute } from "../operators/definition.ts";
import { padSpatial } from "../operators/spatial-axes.ts";
import { reach, windowCounts, windowsOver } from "../operators/windows.ts";
import { type NodeRewriter, rewriteByType } from "./rewrite.ts";

/** Transposed convolution whose padding follows from the extents of its output: with the padding as numbers. */
const explicitTransposedWindows: NodeRewriter = ({ attributes }, inputs) => {
  const [x, weight] = [inputs[0]!, inputs[1]!];
  const automatic = stringAttribute(attributes, "auto_pad", "NOTSET").startsWith("SAME");
  if (!automatic && listAttribute(attributes, "output_shape") === undefined) return undefined;
  const { before, after } = transposedWindows(attributes, weight.shape.slice(2), x.shape.slice(2)).windows;
  const pads = ints([...before, ...after]);
  return [emit("ConvTranspose", inputs, { ...withoutAttributes(attributes, "auto_pad", "output_shape"), pads })];
};

/**
 * Pooling that rounds the number of windows up and leaves out a last one that starts behind the input: with the padding
 * that gives as many windows without rounding.
 */
const explicitLastWindows: NodeRewriter = ({ type, attributes, outputs }, inputs) => {
  const x = inputs[0]!;
  const kernel = listAttribute(attributes, "kernel_shape");
  if (kernel === undefined || numberAttribute(attributes, "ceil_mode", 0) !== 1) return undefined;
  const extents = x.shape.slice(2);
  const windows = windowsOver(attributes, kernel, extents);
  const { strides, before, after } = windows;
  const counts = windowCounts(extents, windows, true);
  const padded = extents.map((extent, axis) => before[axis]! + extent + after[axis]!);
  const roundedUp = padded.map((extent, axis) => Math.ceil((extent - reach(windows, axis)) / strides[axis]!) + 1);
  if (counts.every((count, axis) => count === roundedUp[axis])) return undefined;
  // An average counts the padding that was asked for, and not what the last windows have beyond it.
  const countsPadding = type === "AveragePool" && numberAttribute(attributes, "count_include_pad", 0) === 1;
  const start = countsPadding ? kernel.map(() => 0) : before;
  const end = counts.map((count, axis) => {
    const present = countsPadding ? padded[axis]! : before[axis]! + extents[axis]!;
    return Math.max(0, (count - 1) * strides[axis]! + reach(windows, axis) - present);
  });
  // The kernels refuse padding that is as wide as theirs.
  if (end.some((count, axis) => count >= kernel[axis]!)) return undefined;
  const rest = withoutAttributes(attributes, "auto_pad", "ceil_mode", "count_include_pad");
  const input = countsPadding ? padSpatial(x, before, after) : x;
  return emitMany(type, [input], { ...rest, pads: ints([...start, ...end]) }, outputs.length);
};

const rules: ReadonlyMap<string, NodeRewriter> = new Map([
  ["AveragePool", explicitLastWindows],
  ["ConvTranspose", explicitTransposedWindows],
  ["MaxPool", explicitLastWindows],
]);

/**
 * Writes windows out of which ONNX Runtime 1.30 infers other extents than its kernels compute. In Node it warns and goes
 * on; built for browsers, with WebGPU too, it refuses the model.
 */
export const lowerForWebAssembly = (graph: Graph): Graph => rewriteByType(graph, rules);
