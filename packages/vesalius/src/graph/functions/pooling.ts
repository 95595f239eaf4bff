import { int, ints } from "../attributes.ts";
import { emit, emitMany } from "../emit.ts";
import type { Attributes, Value } from "../value.ts";
import { perAxis } from "./convolution.ts";

/** Options of the poolings. A single number holds for every spatial axis. */
export interface PoolingOptions {
  /** The kernel by default, so that windows do not overlap. */
  readonly stride?: number | readonly number[];
  /** Padding on both sides of each axis; 0 by default. */
  readonly padding?: number | readonly number[];
  /** Keep a last window that reaches beyond the input; false by default. */
  readonly ceilMode?: boolean;
}

function windowAttributes(x: Value, kernel: number | readonly number[], options: PoolingOptions): Attributes {
  const rank = x.rank - 2;
  const padding = perAxis(options.padding, rank, 0);
  return {
    kernel_shape: ints(perAxis(kernel, rank, 1)),
    strides: ints(perAxis(options.stride ?? kernel, rank, 1)),
    pads: ints([...padding, ...padding]),
    ceil_mode: int(options.ceilMode ? 1 : 0),
  };
}

/**
 * Largest element of each window, as `torch.nn.functional.max_pool1d/2d/3d`.
 *
 * @param x `[batch, channels, ...spatial]`
 */
export const maxPool = (x: Value, kernel: number | readonly number[], options: PoolingOptions = {}): Value =>
  // The places of the maxima are kept for the gradient; an export drops outputs that nobody reads.
  emitMany("MaxPool", [x], windowAttributes(x, kernel, options), 2)[0]!;

/** Options of `averagePool`. */
export interface AveragePoolingOptions extends PoolingOptions {
  /** Count the padding as zeros in the mean; true by default, as in PyTorch (and unlike ONNX). */
  readonly countPadding?: boolean;
}

/**
 * Mean of each window, as `torch.nn.functional.avg_pool1d/2d/3d`.
 *
 * @param x `[batch, channels, ...spatial]`
 */
export const averagePool = (x: Value, kernel: number | readonly number[], options: AveragePoolingOptions = {}): Value =>
  emit("AveragePool", [x], {
    ...windowAttributes(x, kernel, options),
    count_include_pad: int(options.countPadding === false ? 0 : 1),
  });

/** Mean over all spatial axes: `[batch, channels, ...spatial]` to `[batch, channels, 1, ...]`. */
export const globalAveragePool = (x: Value): Value => emit("GlobalAveragePool", [x]);
/** Maximum over all spatial axes: `[batch, channels, ...spatial]` to `[batch, channels, 1, ...]`. */
export const globalMaxPool = (x: Value): Value => emit("GlobalMaxPool", [x]);
