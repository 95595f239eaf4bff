const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Exit code of a command that was stopped. */
const interrupted = 130;

/** What stops the run that is under way; undefined where a command can simply end. */
let stopRun: (() => void) | undefined;

/**
 * Gives Ctrl-C, SIGTERM and SIGHUP (a terminal that was closed) one meaning for as long as the process lives: a run saves
 * its checkpoint, every other command ends at once, its temporary files removed.
 */
export function listenForSignals(json: boolean): void {
  const stop = (): void => {
    if (stopRun !== undefined) {
      stopRun();
      return;
    }
    const message = "stopped before anything was finished";
    if (json) process.stdout.write(`${JSON.stringify({ error: { code: "interrupted", message } })}\n`);
    else process.stderr.write(`${message}\n`);
    process.exit(interrupted);
  };
  for (const signal of signals) process.on(signal, stop);
}

/**
 * Aborts at the first Ctrl-C (or SIGTERM, SIGHUP), so that a checkpoint can be saved; the second one ends the process at
 * once.
 *
 * @returns the signal, and a function that gives Ctrl-C its usual meaning back
 */
export function onInterrupt(note: (text: string) => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  stopRun = () => {
    if (controller.signal.aborted) process.exit(interrupted);
    note(
      "\nstopping after this step; what is finished is kept, and training at its checkpoint (press Ctrl-C again to stop at once)",
    );
    controller.abort();
  };
  return {
    signal: controller.signal,
    release() {
      stopRun = undefined;
    },
  };
}
