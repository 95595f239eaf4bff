import type { Worker } from "node:worker_threads";
import { startWorker } from "../../common/worker.node.ts";

/** What the thread of a heartbeat is given. */
export interface HeartbeatData {
  readonly path: string;
  /** Content of the lock. */
  readonly text: string;
  /** Milliseconds from beat to beat. */
  readonly every: number;
}

/** Milliseconds from beat to beat. */
const every = 2000;

/** Milliseconds without a beat after which a holder elsewhere counts as dead: fifteen beats. */
export const deadAfter = 30_000;

/** Runs shorter than that need no thread; nobody takes a lock over so soon. */
const firstBeat = 1000;

/**
 * Shows on a lock that its holder lives, until the function that is returned is called. A thread of its own does it: the
 * main thread can be busy for longer than anybody waits.
 *
 * @param onLost told once where the lock has become another's, after this process stood still for too long
 */
export function startHeartbeat(path: string, text: string, onLost: () => void): () => Promise<void> {
  let worker: Worker | undefined;
  const timer = setTimeout(() => {
    worker = startWorker("./heartbeat-worker.node", import.meta.url, { path, text, every } satisfies HeartbeatData);
    worker.unref();
    worker.on("message", onLost);
    // Without the thread the run goes on; what is lost is only the sign of life.
    worker.on("error", () => {});
  }, firstBeat);
  timer.unref();
  return async () => {
    clearTimeout(timer);
    await worker?.terminate();
  };
}
