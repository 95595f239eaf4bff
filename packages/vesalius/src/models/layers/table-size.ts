import { VesaliusError } from "../../common/errors.ts";

/** Most numbers of a table that is computed while a network is built. */
const largest = 2 ** 26;

/**
 * Number of elements of a table that is computed while a network is built: positions, masks, index tables. Sizes come
 * from configurations, which come from files, so they are looked at before anything is allocated.
 *
 * @throws VesaliusError `bad-configuration` for a table that is larger than any network's
 */
export function tableSize(...extents: readonly number[]): number {
  const count = extents.reduce((product, extent) => product * extent, 1);
  if (count <= largest) return count;
  throw new VesaliusError("bad-configuration", `the network asks for a table of ${extents.join(" x ")} numbers`, {
    fix: "use smaller sizes: lengths, windows, images",
  });
}
