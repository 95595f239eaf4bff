import { z } from "zod";
import type { RandomStream } from "../../common/random.ts";
import type { ImageShape } from "../images/image-shape.ts";

/** One kind of transform: how it changes the shape, and how it writes its result. */
export interface Transform<Spec> {
  /** Shape of the result; the input's shape where this is absent. */
  outputShape?(spec: Spec, shape: ImageShape): ImageShape;
  /**
   * Writes the transformed image.
   *
   * @param source `[channels, height, width]` of `shape`; left as it is.
   * @param target Receives the result; never overlaps `source`.
   * @param stream Gives every random choice, so one stream state means one result.
   */
  apply(source: Float32Array, shape: ImageShape, target: Float32Array, spec: Spec, stream: RandomStream): void;
}

/** Chance in [0, 1] that a transform is applied to an image. */
export const probabilitySchema = z.number().min(0).max(1);

/** Grey value in [0, 1] for what lies outside the image. */
export const fillSchema = z.number().min(0).max(1).default(0);

/** Interval `[from, to]` whose ends lie in [lowest, highest]. */
export function rangeSchema(lowest: number, highest: number) {
  const end = z.number().min(lowest).max(highest);
  return z.tuple([end, end]).refine(([from, to]) => from <= to, "the first number must not exceed the second");
}

/** Uniform number in `[low, high]`. */
export function uniformIn(stream: RandomStream, low: number, high: number): number {
  return low + (high - low) * stream.uniform();
}
