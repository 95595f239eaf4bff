import { broadcastShapes } from "../shapes.ts";
import {
  allocate,
  bytesPerElement,
  type DataType,
  elementCount,
  isFloatingPoint,
  type Tensor,
} from "../../common/tensor.ts";
import type { Value } from "../value.ts";
import type { FoldContext, FoldRule } from "./definition.ts";

/**
 * Most elements that folding makes. Shapes, axes and small grids stay far below; larger constants are cheaper as the
 * nodes that compute them.
 */
export const largestFold = 1 << 16;

/** One element: a bigint for the integer types and for booleans (0n and 1n), a number for the others. */
export type Scalar = number | bigint;

/** Row-major strides of a shape, in elements. */
export function strides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}

/** Positions 0..count-1 from `start` in steps of `step`, times a stride. */
export const offsets = (count: number, stride: number, start = 0, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => (start + i * step) * stride);

/** Flat positions of a grid in row-major order, from the offsets that each axis adds. */
export function gridPositions(axes: readonly (readonly number[])[]): number[] {
  let positions = [0];
  for (const axis of axes) positions = positions.flatMap((position) => axis.map((offset) => position + offset));
  return positions;
}

/** Positions that spread a shape over a larger one that it broadcasts to. */
export function broadcastPositions(shape: readonly number[], target: readonly number[]): number[] {
  const lead = target.length - shape.length;
  const stride = strides(shape);
  return gridPositions(
    target.map((extent, i) => offsets(extent, i < lead || shape[i - lead] === 1 ? 0 : stride[i - lead]!)),
  );
}

/** The elements of a tensor at flat positions, or undefined where folding does not pay. */
export function take(x: Tensor, shape: readonly number[], positions: readonly number[]): Tensor | undefined {
  if (bytesPerElement(x.dtype) === 0.5 || elementCount(shape) > largestFold) return undefined;
  const data = allocate(x.dtype, positions.length);
  const [to, from] = [data as ArrayLike<unknown> as unknown[], x.data as ArrayLike<unknown>];
  positions.forEach((position, i) => (to[i] = from[position]));
  return { dtype: x.dtype, shape, data };
}

/** Fold of an operator whose output is a grid of positions in its first input. */
export const foldPositions =
  (positions: (x: Value, context: FoldContext) => readonly number[]): FoldRule =>
  ([x], context) => {
    const { shape } = context.outputs[0]!;
    if (elementCount(shape) > largestFold) return undefined;
    const taken = take(x!, shape, positions(context.inputs[0]!, context));
    return taken && [taken];
  };

/** Elements as scalars, or undefined for the types that arithmetic is not folded for. */
export function scalars(x: Tensor): readonly Scalar[] | undefined {
  if (Array.isArray(x.data) || bytesPerElement(x.dtype) === 0.5 || elementCount(x.shape) > largestFold)
    return undefined;
  if (x.dtype === "float16" || x.dtype === "bfloat16") return undefined;
  const elements = Array.from<Scalar>(x.data);
  return isFloatingPoint(x.dtype) ? elements : elements.map(BigInt);
}

/** Tensor of scalars, converted to an element type as Cast does it: towards zero, booleans by not being zero. */
export function fromScalars(
  dtype: DataType,
  shape: readonly number[],
  elements: readonly (Scalar | boolean)[],
): Tensor | undefined {
  const data = allocate(dtype, elements.length);
  if (Array.isArray(data) || bytesPerElement(dtype) === 0.5 || dtype === "float16" || dtype === "bfloat16")
    return undefined;
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  for (const [i, element] of elements.entries()) {
    if (typeof element === "number" && !Number.isFinite(element) && !isFloatingPoint(dtype)) return undefined;
    if (dtype === "bool") data[i] = element ? 1 : 0;
    else data[i] = wide ? BigInt(typeof element === "number" ? Math.trunc(element) : element) : Number(element);
  }
  return { dtype, shape, data };
}

/** Evaluates an element-wise operator with broadcasting; `compute` returns undefined where the result is not defined. */
export const foldElementwise =
  (compute: (operands: readonly Scalar[]) => Scalar | boolean | undefined): FoldRule =>
  (inputs, { outputs }) => {
    const { dtype } = outputs[0]!;
    const shape = inputs.reduce<readonly number[]>((joint, x) => broadcastShapes(joint, x!.shape), []);
    if (elementCount(shape) > largestFold) return undefined;
    const operands: (readonly Scalar[])[] = [];
    for (const x of inputs) {
      const elements = scalars(x!);
      if (elements === undefined) return undefined;
      operands.push(broadcastPositions(x!.shape, shape).map((position) => elements[position]!));
    }
    const results: (Scalar | boolean)[] = [];
    for (let i = 0; i < elementCount(shape); i++) {
      const result = compute(operands.map((elements) => elements[i]!));
      if (result === undefined) return undefined;
      results.push(result);
    }
    const folded = fromScalars(dtype, shape, results);
    return folded && [folded];
  };

/** Binary arithmetic from its rule on real numbers and its rule on integers. */
export const foldArithmetic = (
  real: (a: number, b: number) => number,
  integer: (a: bigint, b: bigint) => bigint | undefined,
): FoldRule =>
  foldElementwise((operands) =>
    operands.slice(1).reduce<Scalar | undefined>((a, b) => {
      if (typeof a === "bigint" && typeof b === "bigint") return integer(a, b);
      return typeof a === "number" && typeof b === "number" ? real(a, b) : undefined;
    }, operands[0]),
  );
