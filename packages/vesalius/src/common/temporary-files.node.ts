import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { threadId } from "node:worker_threads";
import { isRunning, processNamespace } from "./process.node.ts";

/** Paths of the temporary files and folders of this thread that are in use, by their names. */
const own = new Map<string, string>();

/** A process that ends in the middle of a write, as at Ctrl-C, takes along what it has not finished. */
process.on("exit", () => {
  for (const temporary of own.values()) rmSync(temporary, { recursive: true, force: true });
});

/** Who made a temporary file stands in its name: namespace, process and thread, a random number. */
const pattern = /\.([0-9a-f]{8})-([1-9]\d*)-(\d+)-[0-9a-f]{12}\.tmp$/;

/** Where nothing is known about the process that made a file, it is left alone for so long, in milliseconds. */
const patience = 24 * 3600 * 1000;

/**
 * A name beside a path for what is not whole yet. Later processes find by it what a killed one left (`isAbandoned`).
 * `withdrawTemporary` says that the name is no longer used.
 */
export function temporaryPath(path: string): string {
  const maker = `${processNamespace()}-${process.pid}-${threadId}`;
  const temporary = `${path}.${maker}-${randomBytes(6).toString("hex")}.tmp`;
  own.set(basename(temporary), resolve(temporary));
  return temporary;
}

/** Says that a temporary file has got its name, or is gone. */
export function withdrawTemporary(temporary: string): void {
  own.delete(basename(temporary));
}

/** Whether something is a temporary file of a process that has ended. What other programs made never is. */
export async function isAbandoned(path: string): Promise<boolean> {
  const [, namespace, pid, thread] = pattern.exec(basename(path)) ?? [];
  if (namespace === undefined || own.has(basename(path))) return false;
  if (namespace === processNamespace()) {
    // Of an earlier process of the same number: this thread knows its own.
    if (Number(pid) === process.pid && Number(thread) === threadId) return true;
    if (!(await isRunning(Number(pid)))) return true;
  }
  const info = await lstat(path).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > patience;
}
