import { throwIfInterrupted } from "../../common/interruption.ts";

/**
 * Ends answers that the caller gave up.
 *
 * @param answered examples that were answered so far, of `count`
 * @throws VesaliusError `interrupted`
 */
export const stopIfInterrupted = (signal: AbortSignal | undefined, answered: number, count: number): void =>
  throwIfInterrupted(
    signal,
    `stopped after ${answered} of ${count} examples`,
    "run the same command again; what was finished before is kept",
  );
