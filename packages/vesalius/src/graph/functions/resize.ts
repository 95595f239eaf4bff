import { int, ints, string } from "../attributes.ts";
import { emit } from "../emit.ts";
import type { Value } from "../value.ts";

/** Options of `resize`. */
export interface ResizeOptions {
  /** `linear` by default: bilinear for two spatial axes, trilinear for three. `cubic` has kernels for two axes. */
  readonly mode?: "nearest" | "linear" | "cubic";
  /** Map the corner elements onto each other, rather than the corners of the image; false by default. */
  readonly alignCorners?: boolean;
}

/**
 * Resamples the spatial axes to given extents, as `torch.nn.functional.interpolate`.
 *
 * @param x `[batch, channels, ...spatial]`
 * @param extents one for each spatial axis
 */
export function resize(x: Value, extents: readonly number[], options: ResizeOptions = {}): Value {
  const { mode = "linear", alignCorners = false } = options;
  const coordinates = mode === "nearest" ? "asymmetric" : alignCorners ? "align_corners" : "pytorch_half_pixel";
  return emit("Resize", [x, undefined, undefined, x.graph.int64(extents)], {
    mode: string(mode),
    coordinate_transformation_mode: string(coordinates),
    axes: ints(extents.map((_, i) => i + 2)),
    ...(mode === "nearest" ? { nearest_mode: string("floor") } : {}),
  });
}

/** Options of `gridSample`. */
export interface GridSampleOptions {
  readonly mode?: "linear" | "nearest";
  /** What lies outside the input: zeros (the default) or the nearest border element. */
  readonly padding?: "zeros" | "border";
  /** -1 and 1 are the centres of the corner elements rather than the corners of the image; false by default. */
  readonly alignCorners?: boolean;
}

/**
 * Samples an input at positions in [-1, 1], as `torch.nn.functional.grid_sample` (Jaderberg et al. 2015).
 *
 * @param x `[batch, channels, height, width]` or `[batch, channels, depth, height, width]`
 * @param grid `[batch, ...positions, 2 or 3]`, last axis x, y and (in three dimensions) z
 * @returns `[batch, channels, ...positions]`
 */
export const gridSample = (x: Value, grid: Value, options: GridSampleOptions = {}): Value =>
  emit("GridSample", [x, grid], {
    mode: string(options.mode ?? "linear"),
    padding_mode: string(options.padding ?? "zeros"),
    align_corners: int(options.alignCorners ? 1 : 0),
  });
