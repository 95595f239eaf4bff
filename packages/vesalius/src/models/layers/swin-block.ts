import { add, concat, elementCount, expand, reshape, sliceAxes, type Value } from "../../graph/index.ts";
import { fusedSelfAttention } from "./attention.ts";
import { layerNormLayer, linearLayer } from "./linear.ts";
import { preNormBlock, type PreNormNames } from "./transformer.ts";
import {
  cropSpatial,
  mergeWindows,
  paddedExtents,
  padSpatial,
  partitionWindows,
  relativePositionBias,
  rollSpatial,
  shiftedWindowMask,
} from "./windows.ts";

/** Options of `swinBlock`. */
export interface SwinBlockOptions {
  readonly heads: number;
  /** Extent of a window along each spatial axis; where the feature map is no larger, it is the window. */
  readonly window: readonly number[];
  /** Whether windows lie half a window further, along axes that have more than one window. */
  readonly shifted: boolean;
  readonly mlpRatio: number;
  readonly qkvBias: boolean;
  /** Factor on the scores; that of the width of a head by default. */
  readonly scale?: number | undefined;
  readonly names: PreNormNames;
  /** Window that the table of relative positions is made for; that of the block by default. */
  readonly tableWindow?: readonly number[];
}

/** Self-attention inside windows, `${name}.qkv`, `${name}.proj`, `${name}.relative_position_bias_table`. */
function windowAttention(x: Value, name: string, options: SwinBlockOptions): Value {
  const { heads, qkvBias } = options;
  const { graph } = x;
  const batch = x.shape[0]!;
  const spatial = x.shape.slice(1, -1);
  const window = spatial.map((extent, i) => Math.min(extent, options.window[i]!));
  const shift = spatial.map((extent, i) =>
    options.shifted && extent > options.window[i]! ? Math.floor(options.window[i]! / 2) : 0,
  );
  const extents = paddedExtents(spatial, window);
  const count = elementCount(window);
  const rolled = rollSpatial(padSpatial(x, extents), shift);
  const windows = reshape(partitionWindows(rolled, window), [-1, count, x.shape.at(-1)!]);
  const table = `${name}.relative_position_bias_table`;
  let bias = relativePositionBias(graph, table, options.tableWindow ?? window, heads, count);
  if (shift.some((by) => by > 0)) {
    const masked = add(bias, shiftedWindowMask(graph, extents, window, shift));
    bias = reshape(expand(masked, [batch, ...masked.shape]), [windows.shape[0]!, heads, count, count]);
  }
  const attended = fusedSelfAttention(windows, name, heads, { qkvBias, bias, scale: options.scale });
  const merged = mergeWindows(attended, window, batch, extents);
  const back = rollSpatial(
    merged,
    shift.map((by) => -by),
  );
  return cropSpatial(back, spatial);
}

/**
 * Block of a Swin transformer (Liu et al. 2021): a pre-norm transformer block that attends inside windows, every other
 * one shifted.
 *
 * @param x `[batch, ...spatial, width]`
 */
export const swinBlock = (x: Value, name: string, options: SwinBlockOptions): Value =>
  preNormBlock(x, name, {
    heads: options.heads,
    mlpRatio: options.mlpRatio,
    epsilon: 1e-5,
    names: options.names,
    attend: (normed, part) => windowAttention(normed, part, options),
  });

/** The four sub-grids of a feature map in the order of Swin: the row varies fastest. */
export const planeOffsets: readonly (readonly number[])[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
];

/** The sub-grids of a volume in the order of MONAI's first patch merging, which takes two of the eight twice. */
export const monaiVolumeOffsets: readonly (readonly number[])[] = [
  [0, 0, 0],
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 0, 1],
  [0, 1, 0],
  [0, 0, 1],
  [1, 1, 1],
];

/** The sub-grids of a volume in the order of MONAI's second patch merging: the last axis varies fastest. */
export const volumeOffsets: readonly (readonly number[])[] = [0, 1].flatMap((depth) =>
  [0, 1].flatMap((height) => [0, 1].map((width) => [depth, height, width])),
);

/**
 * Patch merging: sub-grids side by side, layer normalization `${name}.norm`, linear layer `${name}.reduction` without
 * bias to twice the width. Odd extents are padded with zeros.
 *
 * @param x `[batch, ...spatial, width]`
 * @param offsets start of each sub-grid
 * @returns `[batch, ...spatial / 2, 2 * width]`
 */
export function patchMerging(x: Value, name: string, offsets: readonly (readonly number[])[]): Value {
  const even = padSpatial(
    x,
    x.shape.slice(1, -1).map((extent) => extent + (extent % 2)),
  );
  const parts = offsets.map((offset) =>
    sliceAxes(
      even,
      offset.map((start, i) => ({ axis: i + 1, start, end: even.shape[i + 1]!, step: 2 })),
    ),
  );
  const normed = layerNormLayer(concat(parts, x.rank - 1), `${name}.norm`, 1e-5);
  return linearLayer(normed, `${name}.reduction`, 2 * x.shape.at(-1)!, { bias: false });
}
