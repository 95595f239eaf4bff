/**
 * Aborts at the first Ctrl-C (or SIGTERM), so that a checkpoint can be saved; the second one ends the process at once.
 *
 * @returns the signal, and a function that gives Ctrl-C its usual meaning back
 */
export function onInterrupt(note: (text: string) => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    note(
      "\nstopping after this step; what is finished is kept, and training at its checkpoint (press Ctrl-C again to stop at once)",
    );
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
