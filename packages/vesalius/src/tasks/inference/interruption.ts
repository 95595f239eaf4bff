import { VesaliusError } from "../../common/errors.ts";

/**
 * Ends answers that the caller gave up.
 *
 * @param answered examples that were answered so far, of `count`
 * @throws VesaliusError `interrupted`
 */
export function throwIfInterrupted(signal: AbortSignal | undefined, answered: number, count: number): void {
  if (signal?.aborted !== true) return;
  throw new VesaliusError("interrupted", `stopped after ${answered} of ${count} examples`, {
    fix: "run the same command again; what was finished before is kept",
    cause: signal.reason,
  });
}
