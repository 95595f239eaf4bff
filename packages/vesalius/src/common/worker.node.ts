import { extname } from "node:path/posix";
import { Worker } from "node:worker_threads";

/**
 * URL of a module beside another one. Built files stand beside built files and sources beside sources, so the module is
 * of the same kind as the one that asks.
 *
 * @param path relative path without extension, for example `./image-worker.node`
 * @param from `import.meta.url` of the module that asks
 */
export const moduleBeside = (path: string, from: string): URL =>
  new URL(`${path}${extname(new URL(from).pathname)}`, from);

/**
 * Starts a worker thread whose entry stands beside the module that asks.
 *
 * @param entry relative path without extension, for example `./image-worker.node`
 * @param from `import.meta.url` of the module that asks
 * @param workerData what the thread is given; shared memory is shared, everything else is copied
 */
export function startWorker(entry: string, from: string, workerData: unknown): Worker {
  // Flags of the calling process, such as --input-type, can keep a thread from starting.
  return new Worker(moduleBeside(entry, from), { workerData, execArgv: [] });
}
