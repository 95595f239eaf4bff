import { VesaliusError } from "../../common/errors.ts";
import { dataTypeOfCode } from "../onnx/data-types.ts";
import { formatShape, normalizeAxis } from "../shapes.ts";
import { type DataType, elementCount, sameShape, type TensorType } from "../../common/tensor.ts";
import {
  abs,
  add,
  cast,
  divide,
  expand,
  greater,
  multiply,
  reshape,
  slice,
  subtract,
  where,
} from "../functions/index.ts";
import type { GradientContext, Node, Value } from "../value.ts";
import { type InferenceContext, numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";

const isSingle = ({ rank, shape }: Value): boolean => rank === 0 || (rank === 1 && shape[0] === 1);

/** Checks that a scale (and a zero point) fits: one for the tensor, one for each slice of an axis, or one for each block. */
function checkScale({ inputs, attributes, type }: InferenceContext): void {
  const [x, scale, zeroPoint] = [requireInput(inputs, 0, type), requireInput(inputs, 1, type), inputs[2]];
  const blockSize = numberAttribute(attributes, "block_size", 0);
  // One for the tensor, as a number or as a vector of one, also the one so and the other so.
  if (blockSize === 0 && isSingle(scale) && (zeroPoint === undefined || isSingle(zeroPoint))) return;
  const axis = scale.rank === 0 ? 0 : normalizeAxis(numberAttribute(attributes, "axis", 1), x.rank);
  const expected =
    blockSize > 0
      ? x.shape.map((extent, i) => (i === axis ? Math.ceil(extent / blockSize) : extent))
      : isSingle(scale)
        ? scale.shape
        : [x.shape[axis]!];
  if (!sameShape(scale.shape, expected) || (zeroPoint !== undefined && !sameShape(zeroPoint.shape, scale.shape)))
    throw new VesaliusError(
      "shape-mismatch",
      `the scale has shape ${formatShape(scale.shape)}, expected ${formatShape(expected)}, and the zero point the same`,
    );
}

function inferQuantized(context: InferenceContext): readonly TensorType[] {
  checkScale(context);
  const code = numberAttribute(context.attributes, "output_dtype", 0);
  const dtype = context.inputs[2]?.dtype ?? (code === 0 ? "uint8" : dataTypeOfCode(code));
  return [{ dtype, shape: context.inputs[0]!.shape }];
}

function inferDequantized(context: InferenceContext): readonly TensorType[] {
  checkScale(context);
  const code = numberAttribute(context.attributes, "output_dtype", 0);
  return [{ dtype: code === 0 ? context.inputs[1]!.dtype : dataTypeOfCode(code), shape: context.inputs[0]!.shape }];
}

/** Integers of the first forms; 16 bits and 4 came later, and so did attributes other than the axis. */
const firstIntegers: ReadonlySet<DataType> = new Set(["int8", "uint8", "int32"]);

/**
 * First opset of a node's form. ONNX Runtime (1.30) moves int8 nodes past Reshape, MaxPool and their like in a way that
 * it then refuses itself from opset 21 on, so that a model that does not need it should not be written in it.
 */
function sinceVersionOf({ type, inputs, outputs, attributes }: Node): number {
  const quantized = type === "QuantizeLinear" ? outputs[0]! : inputs[0]!;
  const real = type === "QuantizeLinear" ? inputs[0]! : outputs[0]!;
  const isFirst =
    firstIntegers.has(quantized.dtype) &&
    [real.dtype, inputs[1]!.dtype].every((dtype) => dtype === "float32") &&
    Object.keys(attributes).every((name) => name === "axis");
  return isFirst ? 13 : 21;
}

/** Each entry of a scale as often as a block has positions along the axis; the last block may be cut. */
function overBlocks(scale: Value, shape: readonly number[], axis: number, blockSize: number): Value {
  const wide = [...scale.shape.slice(0, axis + 1), blockSize, ...scale.shape.slice(axis + 1)];
  const narrow = wide.map((extent, i) => (i === axis + 1 ? 1 : extent));
  const whole = wide.filter((_, i) => i !== axis + 1).map((extent, i) => (i === axis ? extent * blockSize : extent));
  return slice(reshape(expand(reshape(scale, narrow), wide), whole), axis, 0, shape[axis]!);
}

/** A scale or zero point in float32, shaped to broadcast over what it scales. */
function spread(scale: Value, { node, inputs }: GradientContext): Value {
  const { rank, shape } = inputs[0]!;
  const flat = cast(scale, "float32");
  const blockSize = numberAttribute(node.attributes, "block_size", 0);
  if (blockSize > 0)
    return overBlocks(flat, shape, normalizeAxis(numberAttribute(node.attributes, "axis", 1), rank), blockSize);
  if (elementCount(scale.shape) === 1) return reshape(flat, []);
  const axis = normalizeAxis(numberAttribute(node.attributes, "axis", 1), rank);
  return reshape(
    flat,
    Array.from({ length: rank }, (_, i) => (i === axis ? scale.shape[0]! : 1)),
  );
}

/** Least and largest number of an integer type. */
function range(dtype: DataType): readonly [number, number] {
  const bits = Number(/\d+$/.exec(dtype)![0]);
  return dtype.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** Gradient of quantising as if nothing were rounded: zero where the number lies outside what the integers reach. */
function quantizeStraightThrough(context: GradientContext): readonly (Value | undefined)[] {
  const [x, scale, zeroPoint] = context.inputs as [Value, Value, Value | undefined];
  const dy = context.outputGradients[0]!;
  const factor = spread(scale, context);
  const scaled = divide(cast(x, "float32"), factor);
  const position = zeroPoint === undefined ? scaled : add(scaled, spread(zeroPoint, context));
  const [least, largest] = range(context.outputs[0]!.dtype);
  const inside = where(
    greater(abs(subtract(position, (least + largest) / 2)), x.graph.scalar((largest - least + 1) / 2)),
    x.graph.scalar(0),
    x.graph.scalar(1),
  );
  return [cast(multiply(divide(cast(dy, "float32"), factor), inside), x.dtype)];
}

/** Gradient by the integers, taken for real numbers. */
const dequantizeStraightThrough = (context: GradientContext): readonly (Value | undefined)[] => [
  context.needed[0] === true
    ? multiply(cast(context.outputGradients[0]!, "float32"), spread(context.inputs[1]!, context))
    : undefined,
];

/** Conversion between real numbers and small integers with a scale: for a tensor, an axis or blocks of an axis. */
export const quantization: readonly OperatorDefinition[] = [
  {
    type: "QuantizeLinear",
    sinceVersion: 21,
    sinceVersionOf,
    infer: inferQuantized,
    gradient: "none",
    straightThrough: quantizeStraightThrough,
  },
  {
    type: "DequantizeLinear",
    sinceVersion: 21,
    sinceVersionOf,
    infer: inferDequantized,
    gradient: "none",
    straightThrough: dequantizeStraightThrough,
  },
];
