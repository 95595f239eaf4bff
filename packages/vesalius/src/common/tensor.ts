import { VesaliusError } from "./errors.ts";
import { narrowBfloat16, narrowFloat16 } from "./float16.ts";

/** Element types that the toolkit moves through ONNX Runtime, by their NumPy-style names. */
export const dataTypes = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bool",
  "int4",
  "uint4",
  "string",
] as const;

/** Name of an element type. */
export type DataType = (typeof dataTypes)[number];

/**
 * Storage of a tensor's elements. float16 and bfloat16 are held as their 16-bit patterns, bool as bytes 0 or 1, int4
 * and uint4 as two elements a byte (low half first), strings as a plain array.
 */
export type TensorData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** Element type and static shape: all that a graph knows of a value. A scalar has shape `[]`. */
export interface TensorType {
  readonly dtype: DataType;
  readonly shape: readonly number[];
}

/** A tensor with its elements in row-major order. */
export interface Tensor extends TensorType {
  readonly data: TensorData;
}

/** A named set of tensors: a checkpoint, a state dictionary, the feeds or fetches of a run. */
export type Tensors = Map<string, Tensor>;

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const extent of shape) count *= extent;
  return count;
}

/** Bytes that one element takes; 0.5 for the 4-bit types. Strings have no fixed size and count as 0. */
export function bytesPerElement(dtype: DataType): number {
  switch (dtype) {
    case "float64":
    case "int64":
    case "uint64":
      return 8;
    case "float32":
    case "int32":
    case "uint32":
      return 4;
    case "float16":
    case "bfloat16":
    case "int16":
    case "uint16":
      return 2;
    case "int4":
    case "uint4":
      return 0.5;
    case "string":
      return 0;
    default:
      return 1;
  }
}

/** Whether an element type holds real numbers, which can have derivatives. */
export function isFloatingPoint(dtype: DataType): boolean {
  return dtype === "float32" || dtype === "float64" || dtype === "float16" || dtype === "bfloat16";
}

/** Zero-filled storage for `count` elements. */
export function allocate(dtype: DataType, count: number): TensorData {
  switch (dtype) {
    case "float32":
      return new Float32Array(count);
    case "float64":
      return new Float64Array(count);
    case "float16":
    case "bfloat16":
    case "uint16":
      return new Uint16Array(count);
    case "int16":
      return new Int16Array(count);
    case "int8":
      return new Int8Array(count);
    case "uint8":
    case "bool":
      return new Uint8Array(count);
    case "int4":
    case "uint4":
      return new Uint8Array(Math.ceil(count / 2));
    case "int32":
      return new Int32Array(count);
    case "uint32":
      return new Uint32Array(count);
    case "int64":
      return new BigInt64Array(count);
    case "uint64":
      return new BigUint64Array(count);
    default:
      return Array.from({ length: count }, () => "");
  }
}

/**
 * Makes a tensor and checks that the storage fits the shape.
 *
 * @throws VesaliusError `shape-mismatch` when the number of elements differs from the product of the shape.
 */
export function tensor(dtype: DataType, shape: readonly number[], data: TensorData): Tensor {
  const expected = elementCount(shape);
  const stored = bytesPerElement(dtype) === 0.5 ? Math.ceil(expected / 2) : expected;
  if (data.length !== stored)
    throw new VesaliusError(
      "shape-mismatch",
      `a ${dtype} tensor [${shape.join(", ")}] needs ${stored} stored elements, got ${data.length}`,
    );
  return { dtype, shape, data };
}

/** float32 tensor from numbers. */
export function float32(shape: readonly number[], values: ArrayLike<number>): Tensor {
  return tensor("float32", shape, values instanceof Float32Array ? values : Float32Array.from(values));
}

/** Zero-filled tensor. */
export function zeros(dtype: DataType, shape: readonly number[]): Tensor {
  return { dtype, shape, data: allocate(dtype, elementCount(shape)) };
}

/**
 * Tensor with one number everywhere.
 *
 * @throws VesaliusError `bad-argument` for element types whose storage does not hold plain numbers (4-bit integers, strings).
 */
export function filled(dtype: DataType, shape: readonly number[], value: number): Tensor {
  const blank = zeros(dtype, shape);
  if (value === 0 && !Object.is(value, -0)) return blank;
  const { data } = blank;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(value));
  else if (Array.isArray(data) || bytesPerElement(dtype) === 0.5)
    throw new VesaliusError("bad-argument", `a ${dtype} tensor cannot be filled with a number`, {
      fix: "make it in float32 and add a Cast",
    });
  else if (dtype === "float16") data.fill(narrowFloat16(Float32Array.of(value))[0]!);
  else if (dtype === "bfloat16") data.fill(narrowBfloat16(Float32Array.of(value))[0]!);
  else data.fill(value);
  return blank;
}

/** Copy of a tensor with storage of its own. */
export function cloneTensor(source: Tensor): Tensor {
  return { dtype: source.dtype, shape: source.shape, data: source.data.slice() };
}

/** Raw little-endian bytes of a tensor's storage, without a copy. Not for strings. */
export function tensorBytes(source: Tensor): Uint8Array {
  if (Array.isArray(source.data)) throw new VesaliusError("bad-argument", "string tensors have no raw bytes");
  return new Uint8Array(source.data.buffer, source.data.byteOffset, source.data.byteLength);
}

/** Elements of an integer or boolean tensor as plain numbers. For shapes, axes and other small index tensors. */
export function integers(source: Tensor): number[] {
  if (Array.isArray(source.data)) throw new VesaliusError("bad-argument", "expected an integer tensor, got strings");
  return Array.from(source.data, Number);
}

/** Whether two shapes are equal, axis by axis. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
