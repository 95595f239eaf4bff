import { VesaliusError } from "../../common/errors.ts";
import { widenBfloat16, widenFloat16 } from "../../common/float16.ts";
import { formatShape } from "../shapes.ts";
import { elementCount, sameShape, tensor, type Tensor, type Tensors, type TensorType } from "../../common/tensor.ts";
import { decodeIntegers, encodeIntegers, type IntegerLayout } from "./quantization-integer.ts";
import { decodeNormalFloats, encodeNormalFloats, nestedBlockSize } from "./quantization-normal-float.ts";

/** Element types of quantised weights. */
export const quantizationFormats = ["int8", "int4", "nf4"] as const;

/** How the elements of a quantised weight are stored. */
export type QuantizationFormat = (typeof quantizationFormats)[number];

/** A matrix that is stored in blocks of few bits, and what is needed to get it back. */
export interface QuantizedWeight {
  /** Name of the parameter that it stands for. */
  readonly name: string;
  /** Shape of that parameter. */
  readonly shape: readonly number[];
  /** Whether the parameter is `[out, in]`, as PyTorch has it, and not `[in, out]`. */
  readonly transposed: boolean;
  readonly format: QuantizationFormat;
  readonly blockSize: number;
  readonly symmetric: boolean;
}

/** Roles of the tensors that a quantised weight is stored in. */
export type QuantizedPart = "codes" | "scale" | "zeroPoint" | "absmax" | "nestedScale" | "offset";

/** Extents of a matrix as outputs and contraction. */
export const extentsOf = ({ shape, transposed }: Pick<QuantizedWeight, "shape" | "transposed">) => {
  const [first, second] = shape as [number, number];
  return transposed ? { out: first, inside: second } : { out: second, inside: first };
};

const layoutOf = (weight: QuantizedWeight, format: IntegerLayout["format"]): IntegerLayout => ({
  ...extentsOf(weight),
  format,
  blockSize: weight.blockSize,
  symmetric: weight.symmetric,
});

/** Name and type of each tensor that a quantised weight is stored in. */
export function quantizedParts(
  weight: QuantizedWeight,
): ReadonlyMap<QuantizedPart, TensorType & { readonly name: string }> {
  const { name, format, blockSize, symmetric } = weight;
  const { out, inside } = extentsOf(weight);
  const part = (suffix: string, dtype: TensorType["dtype"], shape: readonly number[]) => ({
    name: `${name}.${suffix}`,
    dtype,
    shape,
  });
  if (format === "nf4") {
    // A row and not a vector: ONNX Runtime takes a scale that is a vector of one element for that of the whole tensor.
    const blocks = (out * inside) / blockSize;
    return new Map([
      ["codes", part("nf4", "uint8", [(out * inside) / 2])],
      ["absmax", part("absmax", "int8", [1, blocks])],
      ["nestedScale", part("nested_scale", "float32", [1, Math.ceil(blocks / nestedBlockSize)])],
      ["offset", part("offset", "float32", [1])],
    ]);
  }
  const scale = [Math.ceil(inside / blockSize), out];
  const parts = new Map<QuantizedPart, TensorType & { readonly name: string }>([
    ["codes", part(format, format, [inside, out])],
    ["scale", part("scale", "float32", scale)],
  ]);
  if (!symmetric) parts.set("zeroPoint", part("zero_point", format, scale));
  return parts;
}

/** Bytes that a quantised weight takes, scales included. */
export const quantizedBytes = (weight: QuantizedWeight): number =>
  [...quantizedParts(weight).values()].reduce(
    (sum, { dtype, shape }) =>
      sum + Math.ceil(elementCount(shape) * (dtype === "int4" ? 0.5 : dtype === "float32" ? 4 : 1)),
    0,
  );

/** Row-major `[columns, rows]` from row-major `[rows, columns]`. */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column]!;
  return result;
}

function finiteNumbers(source: Tensor, name: string): Float32Array {
  const { dtype, data } = source;
  const numbers =
    dtype === "float16"
      ? widenFloat16(data as Uint16Array)
      : dtype === "bfloat16"
        ? widenBfloat16(data as Uint16Array)
        : data;
  if (!(numbers instanceof Float32Array))
    throw new VesaliusError("checkpoint-mismatch", `only 16- and 32-bit floats are quantised, not ${dtype}`, {
      where: name,
    });
  const bad = numbers.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new VesaliusError("not-a-number", `element ${bad} of the weight is ${numbers[bad]}`, {
      where: name,
      fix: "the checkpoint is damaged or the training that made it diverged; use another one",
    });
  return numbers;
}

/**
 * Quantises one weight. Nothing else is held, so a base can be quantised tensor by tensor as it is read.
 *
 * @param source float32, float16 or bfloat16, in the shape of the parameter
 * @returns the tensors of `quantizedParts` by name
 * @throws VesaliusError `checkpoint-mismatch` for another shape or element type, `not-a-number` for elements that are
 * not finite
 */
export function quantizeWeight(source: Tensor, weight: QuantizedWeight): Tensors {
  const { name, shape, format, blockSize } = weight;
  if (!sameShape(source.shape, shape))
    throw new VesaliusError(
      "checkpoint-mismatch",
      `the weight has shape ${formatShape(source.shape)}, expected ${formatShape(shape)}`,
      { where: name },
    );
  const numbers = finiteNumbers(source, name);
  const { out, inside } = extentsOf(weight);
  const rows = weight.transposed ? numbers : transposed(numbers, inside, out);
  const encoded =
    format === "nf4" ? encodeNormalFloats(rows, blockSize) : encodeIntegers(rows, layoutOf(weight, format));
  const data: Partial<Record<QuantizedPart, Tensor["data"] | undefined>> = encoded;
  return new Map(
    [...quantizedParts(weight)].map(([role, part]) => [part.name, tensor(part.dtype, part.shape, data[role]!)]),
  );
}

/**
 * The weight that quantised tensors stand for, as the engine computes it.
 *
 * @param tensors holds the tensors of `quantizedParts`
 * @returns float32, in the shape of the parameter
 * @throws VesaliusError `checkpoint-mismatch` when a tensor is missing or has another type
 */
export function dequantizeWeight(tensors: Tensors, weight: QuantizedWeight): Tensor {
  const { shape, format, blockSize } = weight;
  const data: Partial<Record<QuantizedPart, Tensor["data"]>> = {};
  for (const [role, { name, dtype, shape: expected }] of quantizedParts(weight)) {
    const found = tensors.get(name);
    if (found === undefined || found.dtype !== dtype || !sameShape(found.shape, expected))
      throw new VesaliusError("checkpoint-mismatch", `expected a tensor ${dtype}${formatShape(expected)}`, {
        where: name,
      });
    data[role] = found.data;
  }
  const { out, inside } = extentsOf(weight);
  const rows =
    format === "nf4"
      ? decodeNormalFloats(data as unknown as Parameters<typeof decodeNormalFloats>[0], blockSize)
      : decodeIntegers(data as unknown as Parameters<typeof decodeIntegers>[0], layoutOf(weight, format));
  return { dtype: "float32", shape, data: weight.transposed ? rows : transposed(rows, out, inside) };
}
