/**
 * Writes a lock again and again, so that processes elsewhere see that its holder lives, however busy the holder is. Says
 * once where the lock has become another's.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { HeartbeatData } from "./heartbeat.node.ts";

const parent: MessagePort = parentPort!;
const { path, text, every } = workerData as HeartbeatData;

/** Writes the same bytes over themselves: a reader always sees the whole lock, and a lock that was replaced is not touched. */
function beat(): boolean {
  let file: number;
  try {
    file = openSync(path, "r+");
  } catch (error) {
    // A file system that does not answer for a moment has taken nothing away.
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
  try {
    if (readFileSync(file, "utf8") !== text) return false;
    writeSync(file, text, 0);
    return true;
  } catch {
    return true;
  } finally {
    closeSync(file);
  }
}

const timer = setInterval(next, every);

function next(): void {
  if (beat()) return;
  clearInterval(timer);
  parent.postMessage({ lost: true }, []);
}

next();
