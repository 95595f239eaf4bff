import { VesaliusError } from "../../common/errors.ts";

/** Most numbers of a table that is computed while a network is built. */
const largest = 2 ** 26;
/** Most numbers of one that is only filled, such as a mask: that of 16,384 places. */
const largestFilled = 2 ** 28;

/**
 * Number of elements of a table that is computed while a network is built: positions, masks, index tables. Sizes come
 * from configurations, which come from files, so they are looked at before anything is allocated.
 *
 * @throws VesaliusError `bad-configuration` for a table that is larger than any network's
 */
export const tableSize = (...extents: readonly number[]): number => sizeWithin(largest, extents);

/** The same for a table that is filled with one number. */
export const filledSize = (...extents: readonly number[]): number => sizeWithin(largestFilled, extents);

function sizeWithin(most: number, extents: readonly number[]): number {
  const count = extents.reduce((product, extent) => product * extent, 1);
  if (count <= most) return count;
  throw new VesaliusError("bad-configuration", `the network asks for a table of ${extents.join(" x ")} numbers`, {
    fix: "use smaller sizes: lengths, windows, images",
  });
}
