import { int } from "../attributes.ts";
import { emit, emitMany } from "../emit.ts";
import type { Value } from "../value.ts";

/** Largest elements and where they are, from `topK`. */
export interface TopK {
  readonly values: Value;
  /** int64 positions along the axis. */
  readonly indices: Value;
}

/** The `count` largest elements along an axis (the last by default), in falling order. */
export function topK(x: Value, count: number, axis = -1): TopK {
  const [values, indices] = emitMany("TopK", [x, x.graph.int64([count])], { axis: int(axis) }, 2);
  return { values: values!, indices: indices! };
}

/** Options of `cumulativeSum`. */
export interface CumulativeSumOptions {
  /** Leave out the element itself, so that the first sum is 0. */
  readonly exclusive?: boolean;
  /** Sum from the end. */
  readonly reverse?: boolean;
}

/** Sums of all elements up to each one, along an axis. */
export const cumulativeSum = (x: Value, axis: number, options: CumulativeSumOptions = {}): Value =>
  emit("CumSum", [x, x.graph.scalar(axis, "int64")], {
    exclusive: int(options.exclusive ? 1 : 0),
    reverse: int(options.reverse ? 1 : 0),
  });

/** Matrices with 0 above a diagonal (`diagonal` 0 is the main one, positive ones lie above it). */
export const lowerTriangle = (x: Value, diagonal = 0): Value =>
  emit("Trilu", [x, x.graph.scalar(diagonal, "int64")], { upper: int(0) });

/** Matrices with 0 below a diagonal. */
export const upperTriangle = (x: Value, diagonal = 0): Value =>
  emit("Trilu", [x, x.graph.scalar(diagonal, "int64")], { upper: int(1) });

/**
 * One-hot codes of class numbers, as float32 on a new last axis.
 *
 * @param indices class numbers `[...]`, int32 or int64, of rank 1 or more
 * @returns `[..., classes]`
 */
export const oneHot = (indices: Value, classes: number): Value =>
  emit("OneHot", [
    indices,
    indices.graph.scalar(classes, "int64"),
    indices.graph.constant({ dtype: "float32", shape: [2], data: Float32Array.of(0, 1) }),
  ]);
