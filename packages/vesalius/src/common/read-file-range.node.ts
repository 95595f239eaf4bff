import { closeSync, openSync, readSync } from "node:fs";
import { fileError } from "./files.node.ts";

/** Most bytes of one system call; Linux takes no more than 2 GB. */
const largestCall = 2 ** 30;

/**
 * Bytes of a file, read at once by the caller's thread.
 *
 * @throws VesaliusError `bad-file` when the file ends before
 */
export function readFileRange(path: string, offset: number, bytes: number): Uint8Array {
  const result = new Uint8Array(bytes);
  try {
    const file = openSync(path, "r");
    try {
      for (let done = 0; done < bytes;) {
        const count = readSync(file, result, done, Math.min(largestCall, bytes - done), offset + done);
        if (count === 0) throw Object.assign(new Error("the file became shorter while it was read"), { code: "EIO" });
        done += count;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, path);
  }
  return result;
}
