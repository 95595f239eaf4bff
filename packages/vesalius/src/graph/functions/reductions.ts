import { int } from "../attributes.ts";
import { emit } from "../emit.ts";
import type { Value } from "../value.ts";

/** Options shared by the reductions. */
export interface ReductionOptions {
  /** Keep reduced axes with extent 1; true by default, as in ONNX. */
  readonly keepDimensions?: boolean;
}

function reduceWith(type: string) {
  return (x: Value, axes?: readonly number[], options: ReductionOptions = {}): Value =>
    emit(type, [x, x.graph.int64(axes ?? Array.from({ length: x.rank }, (_, i) => i))], {
      keepdims: int(options.keepDimensions === false ? 0 : 1),
    });
}

/** Sum over axes (all by default). */
export const reduceSum = reduceWith("ReduceSum");
/** Arithmetic mean over axes (all by default). */
export const reduceMean = reduceWith("ReduceMean");
/** Largest element over axes (all by default). */
export const reduceMax = reduceWith("ReduceMax");
/** Smallest element over axes (all by default). */
export const reduceMin = reduceWith("ReduceMin");
/** Sum of squares over axes (all by default). */
export const reduceSumSquare = reduceWith("ReduceSumSquare");
/** Logarithm of the sum of exponentials over axes (all by default). */
export const reduceLogSumExp = reduceWith("ReduceLogSumExp");
