import { VesaliusError } from "../../common/errors.ts";

/** By how much a network shrinks each spatial axis in all: the product of its strides. */
export const totalStrides = (strides: readonly (number | readonly number[])[], rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) =>
    strides.reduce<number>((product, stride) => product * (typeof stride === "number" ? stride : stride[axis]!), 1),
  );

/** The smallest multiples that are no smaller than the extents, `[40, 56, 40]`. */
export const nextMultiples = (extents: readonly number[], multiples: readonly number[]): number[] =>
  extents.map((extent, axis) => Math.ceil(extent / multiples[axis]!) * multiples[axis]!);

/** Numbers as extents are written, `40 x 56 x 40`. */
const formatExtents = (extents: readonly number[]): string => extents.join(" x ");

/**
 * Checks that a U-Net's decoder arrives at the extents that its encoder started from.
 *
 * @param multiples what the extents have to be multiples of, one for each axis
 * @throws VesaliusError `shape-mismatch` naming both, and the next larger extents that fit
 */
export function checkExtents(extents: readonly number[], multiples: readonly number[]): void {
  const next = nextMultiples(extents, multiples);
  if (extents.every((extent, axis) => extent === next[axis])) return;
  throw new VesaliusError(
    "shape-mismatch",
    `the extents ${formatExtents(extents)} are no multiples of the network's strides, ${formatExtents(multiples)}`,
    { fix: `read patches of ${formatExtents(next)}, or choose fewer or smaller strides` },
  );
}
