import type { RandomStream } from "../../../common/random.ts";

/** Uniform number in [low, high). */
export function range(stream: RandomStream, low: number, high: number): number {
  return low + (high - low) * stream.uniform();
}

/** True with the given probability. */
export function chance(stream: RandomStream, probability: number): boolean {
  return stream.uniform() < probability;
}

/**
 * Bell-shaped number with mean 0 and standard deviation 1, between -3.46 and 3.46: the sum of the four bytes of one
 * draw. It stands in for a normal number because it needs no logarithm or sine, whose last bit may differ between
 * JavaScript engines.
 */
export function bell(stream: RandomStream): number {
  const word = stream.uint32();
  return ((word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510) / 147.8;
}
