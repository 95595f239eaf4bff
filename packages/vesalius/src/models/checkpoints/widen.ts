import { VesaliusError } from "../../common/errors.ts";
import type { Tensor, Tensors } from "../../graph/index.ts";

/** Number of a float16 bit pattern (IEEE 754 binary16). */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Numbers of the bit patterns of float16, computed once for all 65,536 of them. */
let table: Float32Array | undefined;

function widenFloat16(bits: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, pattern) => fromFloat16(pattern));
  const known = table;
  return Float32Array.from(bits, (pattern) => known[pattern]!);
}

/** bfloat16 is the upper half of a float32. */
function widenBfloat16(bits: Uint16Array): Float32Array {
  const wide = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
  return new Float32Array(wide.buffer);
}

/** A float16 or bfloat16 tensor as float32, exactly; any other tensor as it is. */
export function widen(tensor: Tensor): Tensor {
  const { dtype, shape, data } = tensor;
  if (dtype === "float16") return { dtype: "float32", shape, data: widenFloat16(data as Uint16Array) };
  if (dtype === "bfloat16") return { dtype: "float32", shape, data: widenBfloat16(data as Uint16Array) };
  return tensor;
}

/** Weights with every float16 and bfloat16 tensor as float32. */
export const widenAll = (weights: Tensors): Tensors =>
  new Map([...weights].map(([name, tensor]) => [name, widen(tensor)]));

/**
 * Elements of a floating-point tensor of any width as numbers.
 *
 * @throws VesaliusError `bad-argument` for other element types
 */
export function numbersOf(tensor: Tensor): Float32Array | Float64Array {
  const { data } = widen(tensor);
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new VesaliusError("bad-argument", `expected a floating-point tensor, got ${tensor.dtype}`);
}
