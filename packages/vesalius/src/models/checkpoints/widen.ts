import { VesaliusError } from "../../common/errors.ts";
import { widenBfloat16, widenFloat16 } from "../../common/float16.ts";
import { isLazy, lazyTensor } from "../../common/lazy-tensor.ts";
import type { Tensor, Tensors } from "../../graph/index.ts";

/** A float16 or bfloat16 tensor as float32, exactly; any other tensor as it is. What is lazy stays so. */
export function widen(tensor: Tensor): Tensor {
  const { dtype, shape } = tensor;
  if (dtype !== "float16" && dtype !== "bfloat16") return tensor;
  const widened = (): Float32Array => (dtype === "float16" ? widenFloat16 : widenBfloat16)(tensor.data as Uint16Array);
  return isLazy(tensor)
    ? lazyTensor({ dtype: "float32", shape }, widened)
    : { dtype: "float32", shape, data: widened() };
}

/** Every float16 and bfloat16 tensor as float32; see `widen`. */
export const widenAll = (tensors: Tensors): Tensors =>
  new Map([...tensors].map(([name, tensor]) => [name, widen(tensor)]));

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
