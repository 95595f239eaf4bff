import { int, string } from "../attributes.ts";
import { emit } from "../emit.ts";
import type { Value } from "../value.ts";

/**
 * Moves channels into blocks of pixels, as `torch.nn.functional.pixel_shuffle` (Shi et al. 2016).
 *
 * @param x `[batch, channels * factor * factor, height, width]`
 * @returns `[batch, channels, height * factor, width * factor]`
 */
export const pixelShuffle = (x: Value, factor: number): Value =>
  emit("DepthToSpace", [x], { blocksize: int(factor), mode: string("CRD") });

/**
 * Moves blocks of pixels into channels: channel `(row * factor + column) * channels + channel` of the result holds one
 * pixel of each block.
 *
 * @param x `[batch, channels, height * factor, width * factor]`
 * @returns `[batch, factor * factor * channels, height, width]`
 */
export const spaceToDepth = (x: Value, factor: number): Value => emit("SpaceToDepth", [x], { blocksize: int(factor) });
