import { VesaliusError } from "../../common/errors.ts";
import { emit } from "../emit.ts";
import {
  add,
  cast,
  clip,
  concat,
  equal,
  full,
  gather,
  multiply,
  negate,
  reduceSum,
  reshape,
  scatterNDAdd,
  select,
  subtract,
  sum,
  transpose,
} from "../functions/index.ts";
import { elementCount, type TensorType } from "../../common/tensor.ts";
import type { GradientContext, Value } from "../value.ts";
import {
  type InferenceContext,
  numberAttribute,
  type OperatorDefinition,
  requireInput,
  stringAttribute,
} from "./definition.ts";

function inferGridSample({ inputs }: InferenceContext): readonly TensorType[] {
  const [x, grid] = [requireInput(inputs, 0, "GridSample"), requireInput(inputs, 1, "GridSample")];
  const rank = x.rank - 2;
  if (rank < 2 || grid.rank !== x.rank || grid.shape[0] !== x.shape[0] || grid.shape.at(-1) !== rank)
    throw new VesaliusError(
      "shape-mismatch",
      "an input [batch, channels, ...extents] needs a grid [batch, ...positions, number of extents]",
    );
  return [{ dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, ...grid.shape.slice(1, -1)] }];
}

/** Sampling positions along one axis, each `[batch * positions]`. */
interface AxisSampling {
  readonly extent: number;
  /** Element below the position. */
  readonly low: Value;
  /** Share of the element above, in [0, 1). */
  readonly fraction: Value;
  /** d position / d grid. */
  readonly slope: Value | number;
}

/** Positions in units of elements, with what the padding does to them. */
function sampleAxis(
  grid: Value,
  extent: number,
  alignCorners: boolean,
  padding: string,
  nearest: boolean,
): AxisSampling {
  const scale = (alignCorners ? extent - 1 : extent) / 2;
  const raw = add(multiply(grid, scale), (extent - 1) / 2);
  const position = padding === "border" ? clip(raw, 0, extent - 1) : raw;
  // Beyond the border the result does not change with the position.
  const slope = padding === "border" ? multiply(cast(equal(raw, position), grid.dtype), scale) : scale;
  const low = emit(nearest ? "Round" : "Floor", [position]);
  return { extent, low, fraction: subtract(position, low), slope };
}

/** One corner of the cell around each position; every value is `[batch * positions]`. */
interface Corner {
  /** Row of the flattened input `[batch * elements, channels]`, moved inside where the corner lies outside. */
  readonly rows: Value;
  /** Share of the corner along each axis, 0 where it lies outside the input. */
  readonly shares: readonly Value[];
  /** Derivative of each share with respect to the position. */
  readonly slopes: readonly Value[];
}

function cornersOf(axes: readonly AxisSampling[], batch: number, nearest: boolean): Corner[] {
  const elements = elementCount(axes.map(({ extent }) => extent));
  const { graph, dtype, shape } = axes[0]!.low;
  const perSample = shape[0]! / batch;
  const offset = graph.int64(Array.from({ length: shape[0]! }, (_, i) => Math.floor(i / perSample) * elements));
  const one = graph.scalar(1, dtype);
  return Array.from({ length: nearest ? 1 : 2 ** axes.length }, (_, bits) => {
    const parts = axes.map(({ extent, low, fraction }, i) => {
      const isUpper = ((bits >> i) & 1) === 1;
      const place = isUpper ? add(low, 1) : low;
      const moved = clip(place, 0, extent - 1);
      const inside = cast(equal(place, moved), dtype);
      const share = isUpper ? fraction : subtract(one, fraction);
      return {
        index: cast(moved, "int64"),
        share: nearest ? inside : multiply(share, inside),
        slope: isUpper ? inside : negate(inside),
      };
    });
    const index = parts
      .slice(1)
      .reduce((flat, part, i) => add(multiply(flat, axes[i + 1]!.extent), part.index), parts[0]!.index);
    return {
      rows: add(index, offset),
      shares: parts.map(({ share }) => share),
      slopes: parts.map(({ slope }) => slope),
    };
  });
}

const product = (values: readonly Value[]): Value => values.reduce((a, b) => multiply(a, b));

/** `[batch, channels, ...extents]` as rows `[batch * elements, channels]`. */
function channelRows(x: Value): Value {
  const spatial = x.shape.slice(2).map((_, i) => i + 2);
  return reshape(transpose(x, [0, ...spatial, 1]), [elementCount(x.shape) / x.shape[1]!, x.shape[1]!]);
}

/** Adds what each position gets to the corners that it was sampled from. */
function scatterToCorners(x: Value, dy: Value, corners: readonly Corner[]): Value {
  const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
  const count = dy.shape[0]!;
  const weighted = corners.map(({ shares }) => multiply(dy, reshape(product(shares), [count, 1])));
  const rows = corners.map((corner) => reshape(corner.rows, [count, 1]));
  const start = full(x.graph, [batch * elementCount(extents), channels], 0, x.dtype);
  const sums = scatterNDAdd(start, concat(rows, 0), concat(weighted, 0));
  return transpose(reshape(sums, [batch, ...extents, channels]), [0, x.rank - 1, ...extents.map((_, i) => i + 1)]);
}

/** What the loss gains when the positions move along each axis, in the order of the grid's last axis. */
function positionGradient(x: Value, dy: Value, corners: readonly Corner[], axes: readonly AxisSampling[]): Value[] {
  const table = channelRows(x);
  const gains = corners.map(({ rows }) => reduceSum(multiply(gather(table, rows), dy), [1], { keepDimensions: false }));
  return axes
    .map(({ slope }, i) => {
      const terms = corners.map(({ shares, slopes }, corner) =>
        product([gains[corner]!, slopes[i]!, ...shares.filter((_, other) => other !== i)]),
      );
      return multiply(sum(terms), slope);
    })
    .reverse();
}

function gridSampleGradient({
  node,
  inputs,
  outputGradients,
  needed,
}: GradientContext): readonly (Value | undefined)[] {
  const [x, grid] = [inputs[0]!, inputs[1]!];
  const { attributes } = node;
  const mode = stringAttribute(attributes, "mode", "linear");
  const padding = stringAttribute(attributes, "padding_mode", "zeros");
  if (mode.endsWith("cubic") || padding === "reflection")
    throw new VesaliusError(
      "not-differentiable",
      `a GridSample with mode "${mode}" and padding "${padding}" has no gradient rule`,
      { where: node.name },
    );
  const nearest = mode === "nearest";
  const alignCorners = numberAttribute(attributes, "align_corners", 0) === 1;
  const extents = x.shape.slice(2);
  const count = elementCount(grid.shape.slice(0, -1));
  // The last axis of the grid names the axes of the input from the last to the first.
  const axes = extents.map((extent, i) => {
    const along = reshape(select(grid, grid.rank - 1, extents.length - 1 - i), [count]);
    return sampleAxis(along, extent, alignCorners, padding, nearest);
  });
  const corners = cornersOf(axes, x.shape[0]!, nearest);
  const dy = channelRows(outputGradients[0]!);
  const gridGradient = (): Value => {
    if (nearest) return full(grid.graph, grid.shape, 0, grid.dtype);
    const along = positionGradient(x, dy, corners, axes);
    return reshape(
      concat(
        along.map((one) => reshape(one, [count, 1])),
        1,
      ),
      grid.shape,
    );
  };
  return [needed[0] ? scatterToCorners(x, dy, corners) : undefined, needed[1] ? gridGradient() : undefined];
}

/** Sampling of an input at given positions, as spatial transformers do. */
export const gridSample: readonly OperatorDefinition[] = [
  // Since version 20 three spatial axes are allowed, and the modes are called as in Resize.
  { type: "GridSample", sinceVersion: 20, infer: inferGridSample, gradient: gridSampleGradient },
];
