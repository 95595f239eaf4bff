import { VesaliusError } from "../../common/errors.ts";
import { dataTypeOfCode } from "../onnx/data-types.ts";
import { formatShape, normalizeAxis } from "../shapes.ts";
import { type DataType, sameShape, type TensorType } from "../../common/tensor.ts";
import type { Node } from "../value.ts";
import { type InferenceContext, numberAttribute, type OperatorDefinition, requireInput } from "./definition.ts";

/** Checks that a scale (and a zero point) fits: one for the tensor, one for each slice of an axis, or one for each block. */
function checkScale({ inputs, attributes, type }: InferenceContext): void {
  const [x, scale, zeroPoint] = [requireInput(inputs, 0, type), requireInput(inputs, 1, type), inputs[2]];
  const blockSize = numberAttribute(attributes, "block_size", 0);
  const axis = scale.rank === 0 ? 0 : normalizeAxis(numberAttribute(attributes, "axis", 1), x.rank);
  const expected =
    blockSize > 0
      ? x.shape.map((extent, i) => (i === axis ? Math.ceil(extent / blockSize) : extent))
      : scale.rank === 0 || (scale.rank === 1 && scale.shape[0] === 1)
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

/** Conversion between real numbers and small integers with a scale: for a tensor, an axis or blocks of an axis. */
export const quantization: readonly OperatorDefinition[] = [
  { type: "QuantizeLinear", sinceVersion: 21, sinceVersionOf, infer: inferQuantized, gradient: "none" },
  { type: "DequantizeLinear", sinceVersion: 21, sinceVersionOf, infer: inferDequantized, gradient: "none" },
];
