import type { Raster } from "../columns/images.ts";
import type { GridValues } from "../encoders/encoder.ts";
import type { Moved } from "./moved.ts";

/** Kinds of column whose values lie on a grid. */
export const gridKinds = ["images", "volumes", "masks"] as const;

/** Pictures say what white is; volumes and masks do not. */
interface GridShape {
  readonly extents: readonly number[];
  readonly scale?: number;
}

/** A value on a grid, images as float pixels on the scale where white is 1. */
export function gridOf({ value }: Moved): GridValues {
  const { channels, extents, data, scale = 1 } = value as Omit<Raster, "scale" | "extents"> & GridShape;
  if (data instanceof Float32Array) return { channels, extents, data };
  return { channels, extents, data: Float32Array.from(data, (one) => one / scale) };
}

/** The value with another grid: images stay pictures, volumes keep their spacing. */
export function withGrid({ kind, value }: Moved, grid: GridValues): unknown {
  if (kind === "images") return { ...grid, scale: 1 };
  return { ...(value as object), ...grid };
}

/** How values between places are read: class indices must not be mixed. */
export const samplingOf = ({ kind }: Moved): "linear" | "nearest" => (kind === "masks" ? "nearest" : "linear");

/** Millimetres between places along each axis; 1 where the value does not say. */
export const spacingOf = ({ value }: Moved, rank: number): readonly number[] =>
  (value as { readonly spacing?: readonly number[] }).spacing ?? Array.from({ length: rank }, () => 1);
