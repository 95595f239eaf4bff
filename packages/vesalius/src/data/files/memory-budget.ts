import { type OptionWording, VesaliusError } from "../../common/errors.ts";

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
  /**
   * Takes bytes for as long as some work lasts, and waits for other such work where they are not all free.
   *
   * @throws VesaliusError `bad-data` where not so many are left even without other work
   */
  during<Result>(bytes: number, what: string, where: string, work: () => Promise<Result>): Promise<Result>;
}

/** What to do about a limit that data exceed, for messages. */
export const raiseMemory = (option: OptionWording): string =>
  `raise the limit with ${option("maxBytes")} if the data are trusted and fit into memory`;

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 3 : 0)} MiB`;

/** A budget of a number of bytes. */
export function memoryBudget(maxBytes: number): MemoryBudget {
  let left = maxBytes;
  let held = 0;
  let waiting: (() => void)[] = [];
  const refuse = (bytes: number, what: string, where: string): never => {
    throw new VesaliusError(
      "bad-data",
      `${what} needs ${mebibytes(bytes)}; of the limit of ${mebibytes(maxBytes)} ${mebibytes(left)} are left`,
      { where, fix: raiseMemory },
    );
  };
  /** Waits until work that is under way leaves room; work that needs everything waits for all of it. */
  const room = async (bytes: number): Promise<void> => {
    if (held === 0 || held + bytes <= left) return;
    await new Promise<void>((resolve) => waiting.push(resolve));
    await room(bytes);
  };
  return {
    get left() {
      return left;
    },
    claim(bytes, what, where) {
      // Not `bytes > left`: a product of extents that is no number is refused too.
      if (!(bytes <= left)) refuse(bytes, what, where);
      left -= bytes;
    },
    async during(bytes, what, where, work) {
      if (!(bytes <= left)) refuse(bytes, what, where);
      await room(bytes);
      held += bytes;
      try {
        return await work();
      } finally {
        held -= bytes;
        const next = waiting;
        waiting = [];
        for (const wake of next) wake();
      }
    },
  };
}
