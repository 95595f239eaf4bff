import { add, cast, concat, equal, full, gather, reduceMax, reduceMin, reshape, where } from "../../functions/index.ts";
import { listAttribute, numberAttribute } from "../../operators/definition.ts";
import { gridPositions } from "../../operators/fold.ts";
import { windowCounts, type Windows, windowsOver } from "../../operators/windows.ts";
import { elementCount } from "../../../common/tensor.ts";
import type { Value } from "../../value.ts";
import type { NodeRewriter } from "../rewrite.ts";

const lowest = -3.4028234663852886e38;

/** Flat position in a plane of every element of every window, row by row; what lies in the padding is at `outside`. */
function windowPositions(
  extents: readonly number[],
  counts: readonly number[],
  { kernel, strides, dilations, before }: Windows,
  outside: number,
): Int32Array {
  const inPlane = extents.map((_, axis) => elementCount(extents.slice(axis + 1)));
  // Not a number marks the padding along one axis, and stays so in every sum.
  const along = (axis: number, window: number): number[] =>
    Array.from({ length: kernel[axis]! }, (_, tap) => {
      const place = window * strides[axis]! - before[axis]! + tap * dilations[axis]!;
      return place >= 0 && place < extents[axis]! ? place * inPlane[axis]! : NaN;
    });
  const windows = gridPositions(
    counts.map((count, axis) => {
      const step = elementCount(counts.slice(axis + 1));
      return Array.from({ length: count }, (_, i) => i * step);
    }),
  );
  const positions = windows.flatMap((flat) => {
    let rest = flat;
    const axes = counts.map((_, axis) => {
      const step = elementCount(counts.slice(axis + 1));
      const window = Math.floor(rest / step);
      rest %= step;
      return along(axis, window);
    });
    return gridPositions(axes);
  });
  return Int32Array.from(positions, (position) => (Number.isNaN(position) ? outside : position));
}

/**
 * MaxPool that also tells where each maximum was, whose kernel throws: the elements of every window are gathered side
 * by side, and the first that equals the maximum names its place.
 */
export const maxPoolWithIndices: NodeRewriter = ({ attributes, outputs }, inputs) => {
  const x = inputs[0]!;
  const kernel = listAttribute(attributes, "kernel_shape");
  const rowMajor = numberAttribute(attributes, "storage_order", 0) === 0;
  if (outputs.length === 1 || kernel === undefined || !rowMajor || x.dtype !== "float32") return undefined;
  const extents = x.shape.slice(2);
  const windows = windowsOver(attributes, kernel, extents);
  const counts = windowCounts(extents, windows, numberAttribute(attributes, "ceil_mode", 0) === 1);
  const [planes, size, taps] = [x.shape[0]! * x.shape[1]!, elementCount(extents), elementCount(kernel)];
  const { graph } = x;
  const table = windowPositions(extents, counts, windows, size);
  const shape = [table.length / taps, taps];
  const padded = concat([reshape(x, [planes, size]), full(graph, [planes, 1], lowest)], 1);
  const places = graph.constant({ dtype: "int32", shape: [table.length], data: table });
  const seen = reshape(gather(padded, places, 1), [planes, ...shape]);
  const highest = reduceMax(seen, [2]);
  // Positions stay below 2 ** 24 in a plane, so float32 holds them.
  const asFloat = graph.constant({ dtype: "float32", shape, data: Float32Array.from(table) });
  const first = reduceMin(where(equal(seen, highest), asFloat, graph.scalar(size)), [2], { keepDimensions: false });
  const starts = Int32Array.from({ length: planes }, (_, plane) => plane * size);
  const inTensor = add(cast(first, "int32"), graph.constant({ dtype: "int32", shape: [planes, 1], data: starts }));
  const result: readonly Value[] = [highest, cast(inTensor, "int64")];
  return result.map((value, i) => reshape(value, outputs[i]!.shape));
};
