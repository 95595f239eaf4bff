import { int, ints } from "../attributes.ts";
import { emit, emitMany } from "../emit.ts";
import { normalizeAxis } from "../shapes.ts";
import { sameShape } from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import { multiply } from "./arithmetic.ts";

/** Same elements in another shape; one extent may be -1. A reshape to the same shape adds no node. */
export function reshape(x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const source = x.node?.type === "Reshape" ? x.node.inputs[0]! : x;
  return sameShape(source.shape, shape) ? source : emit("Reshape", [source, x.graph.int64(shape)]);
}

/** Permutes the axes: axis i of the result is axis `permutation[i]` of `x`. Two permutations in a row become one. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  const inner = x.node?.type === "Transpose" ? x.node.attributes["perm"] : undefined;
  if (inner?.kind === "ints")
    return transpose(
      x.node!.inputs[0]!,
      permutation.map((axis) => inner.value[axis]!),
    );
  return permutation.every((axis, i) => axis === i) ? x : emit("Transpose", [x], { perm: ints(permutation) });
}

/** Joins tensors along an axis. */
export const concat = (values: readonly Value[], axis: number): Value =>
  values.length === 1 ? values[0]! : emit("Concat", values, { axis: int(axis) });

/** Cuts a tensor along an axis into parts of the given extents. */
export const split = (x: Value, sizes: readonly number[], axis: number): readonly Value[] =>
  emitMany("Split", [x, x.graph.int64(sizes)], { axis: int(axis) }, sizes.length);

/** Elements `start` (included) to `end` (excluded) along one axis; negative positions count from the end. */
export const slice = (x: Value, axis: number, start: number, end: number, step = 1): Value =>
  emit("Slice", [x, x.graph.int64([start]), x.graph.int64([end]), x.graph.int64([axis]), x.graph.int64([step])]);

/** Repeats extents of 1 (and adds leading axes) to reach a shape. */
export const expand = (x: Value, shape: readonly number[]): Value =>
  sameShape(x.shape, shape) ? x : emit("Expand", [x, x.graph.int64(shape)]);

/** Repeats the whole tensor along each axis. */
export const tile = (x: Value, repeats: readonly number[]): Value =>
  repeats.every((count) => count === 1) ? x : emit("Tile", [x, x.graph.int64(repeats)]);

/** Adds axes of extent 1 at the given positions of the result. */
export const unsqueeze = (x: Value, axes: readonly number[]): Value => emit("Unsqueeze", [x, x.graph.int64(axes)]);

/** Removes axes of extent 1. */
export const squeeze = (x: Value, axes: readonly number[]): Value => emit("Squeeze", [x, x.graph.int64(axes)]);

/**
 * Pads with a constant (0). `pads` holds the counts before each axis, then the counts after each axis.
 */
export const pad = (x: Value, pads: readonly number[]): Value =>
  pads.every((count) => count === 0) ? x : emit("Pad", [x, x.graph.int64(pads)]);

/** The value unchanged, for naming a result. */
export const identity = (x: Value): Value => emit("Identity", [x]);

/** The value unchanged in the forward direction; no gradient flows back through it. */
export const stopGradient = (x: Value): Value =>
  x.graph.node("Identity", [x], { gradient: { rule: () => [undefined] } })[0]!;

/** The value unchanged in the forward direction; the gradient that flows back is multiplied by `factor`, broadcast. */
export const scaleGradient = (x: Value, factor: Value): Value =>
  x.graph.node("Identity", [x], {
    gradient: {
      rule: ({ outputGradients, uses }) => [multiply(outputGradients[0]!, uses[0]!)],
      uses: [factor],
    },
  })[0]!;

/** The entry at one position of an axis, with that axis removed. */
export const select = (x: Value, axis: number, position: number): Value => {
  const at = normalizeAxis(axis, x.rank);
  const end = position === -1 ? Number.MAX_SAFE_INTEGER : position + 1;
  return reshape(
    slice(x, at, position, end),
    x.shape.filter((_, i) => i !== at),
  );
};

/** A cut of several axes at once; see `sliceAxes`. */
export interface AxisSlice {
  readonly axis: number;
  /** First position. */
  readonly start: number;
  /** Position behind the last one. */
  readonly end: number;
  /** 1 by default. */
  readonly step?: number;
}

/** Slices along several axes in one node. Cuts that keep a whole axis are left out. */
export function sliceAxes(x: Value, cuts: readonly AxisSlice[]): Value {
  const proper = cuts.filter(({ axis, start, end, step = 1 }) => step !== 1 || start !== 0 || end !== x.shape[axis]);
  if (proper.length === 0) return x;
  const vector = (of: (cut: AxisSlice) => number): Value => x.graph.int64(proper.map(of));
  const steps = proper.every(({ step = 1 }) => step === 1) ? [] : [vector(({ step = 1 }) => step)];
  return emit("Slice", [
    x,
    vector(({ start }) => start),
    vector(({ end }) => end),
    vector(({ axis }) => axis),
    ...steps,
  ]);
}

/** Reverses the order along axes. */
export const flip = (x: Value, axes: readonly number[]): Value =>
  sliceAxes(
    x,
    axes
      .filter((axis) => x.shape[axis] !== 1)
      .map((axis) => ({ axis, start: -1, end: Number.MIN_SAFE_INTEGER, step: -1 })),
  );
