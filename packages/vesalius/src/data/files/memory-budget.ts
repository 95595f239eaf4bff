import { VesaliusError } from "../../common/errors.ts";

/** Counts the bytes that one call may hold, over everything that it reads at the same time. */
export interface MemoryBudget {
  /** Bytes that are left. */
  readonly left: number;
  /**
   * Takes bytes before they are allocated.
   *
   * @param what what they are for: "the volume", "the unpacked file"
   * @throws VesaliusError `bad-data` where there are not so many left
   */
  claim(bytes: number, what: string, where: string): void;
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 3 : 0)} MiB`;

/** A budget of a number of bytes. */
export function memoryBudget(maxBytes: number): MemoryBudget {
  let left = maxBytes;
  return {
    get left() {
      return left;
    },
    claim(bytes, what, where) {
      if (bytes > left) {
        throw new VesaliusError(
          "bad-data",
          `${what} needs ${mebibytes(bytes)}; of the limit of ${mebibytes(maxBytes)} ${mebibytes(left)} are left`,
          { where, fix: "raise maxBytes if the data are trusted and fit into memory" },
        );
      }
      left -= bytes;
    },
  };
}
