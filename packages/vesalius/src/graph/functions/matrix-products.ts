import { int, string } from "../attributes.ts";
import { emit } from "../emit.ts";
import { elementCount } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { reshape } from "./shaping.ts";

/** Matrix product over the last two axes, with broadcasting over the leading ones. */
export const matMul = (a: Value, b: Value): Value => emit("MatMul", [a, b]);

/**
 * Sum of products in Einstein's notation, as `numpy.einsum`.
 *
 * @example
 * einsum("bqd,bkd->bqk", queries, keys);
 */
export const einsum = (equation: string, ...operands: readonly Value[]): Value =>
  emit("Einsum", operands, { equation: string(equation) });

/** Options of `gemm`. */
export interface GemmOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** `op(a) @ op(b) + c` on matrices, where op is an optional transposition. */
export const gemm = (a: Value, b: Value, c?: Value, options: GemmOptions = {}): Value =>
  emit("Gemm", c === undefined ? [a, b] : [a, b, c], {
    transA: int(options.transposeA ? 1 : 0),
    transB: int(options.transposeB ? 1 : 0),
  });

/**
 * Linear layer in PyTorch's layout: `x @ weight^T + bias`.
 *
 * @param x `[..., inFeatures]`
 * @param weight `[outFeatures, inFeatures]`
 * @param bias `[outFeatures]`
 * @returns `[..., outFeatures]`
 */
export function linear(x: Value, weight: Value, bias?: Value): Value {
  const [outFeatures, inFeatures] = weight.shape as [number, number];
  const lead = x.shape.slice(0, -1);
  // One flat matrix keeps the product, and the weight gradient after it, a single large Gemm.
  const flat = x.rank === 2 ? x : reshape(x, [elementCount(lead), inFeatures]);
  const y = gemm(flat, weight, bias, { transposeB: true });
  return x.rank === 2 ? y : reshape(y, [...lead, outFeatures]);
}
