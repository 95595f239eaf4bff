import { VesaliusError } from "./errors.ts";

/**
 * Ends work that its caller gave up.
 *
 * @param what how far it came: `stopped after 2 of 3 examples`
 * @param fix how to go on
 * @throws VesaliusError `interrupted` once the signal was given
 */
export function throwIfInterrupted(signal: AbortSignal | undefined, what: string, fix?: string): void {
  if (signal?.aborted !== true) return;
  throw new VesaliusError("interrupted", what, { ...(fix === undefined ? {} : { fix }), cause: signal.reason });
}
