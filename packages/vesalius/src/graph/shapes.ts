import { VesaliusError } from "../common/errors.ts";

/** `[2, 3]`, as shapes are written in messages. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * Shape of an element-wise operation on two shapes under NumPy's broadcasting rules, which ONNX shares.
 *
 * @throws VesaliusError `shape-mismatch` when two extents differ and neither is 1.
 */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1)
      throw new VesaliusError("shape-mismatch", `shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast`);
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/**
 * Turns a possibly negative axis into 0..rank-1.
 *
 * @throws VesaliusError `bad-argument` when the axis lies outside the rank.
 */
export function normalizeAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= Math.max(rank, 1))
    throw new VesaliusError("bad-argument", `axis ${axis} does not exist in a tensor of rank ${rank}`);
  return normal;
}

/** The axes of `shape` that broadcasting to `target` stretched, in the numbering of `target`. */
export function broadcastAxes(shape: readonly number[], target: readonly number[]): number[] {
  const lead = target.length - shape.length;
  const axes: number[] = [];
  for (let axis = 0; axis < target.length; axis++)
    if (axis < lead || (shape[axis - lead] === 1 && target[axis] !== 1)) axes.push(axis);
  return axes;
}
