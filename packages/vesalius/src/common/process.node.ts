import { readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { checksumOf } from "./checksums.ts";

/** Text of a file of the system, empty where there is none. */
function systemText(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return "";
  }
}

let identity: string | undefined;

/**
 * Names the place in which the numbers of processes mean something: this machine since it was started and, on Linux, this
 * namespace of processes, of which every container has its own. It tells neither host nor user.
 *
 * @returns 8 hexadecimal digits
 */
export function processNamespace(): string {
  identity ??= checksumOf(
    [
      hostname(),
      systemText(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
      systemText(() => readlinkSync("/proc/self/ns/pid")),
    ].join("\n"),
  ).slice(0, 8);
  return identity;
}

/** State and start of a process as Linux states them; undefined elsewhere and for processes that are gone. */
async function statusOf(pid: number): Promise<{ readonly state: string; readonly start: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The name in parentheses may hold spaces; the fields after it do not. The state is field 3, the start field 22.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields === undefined ? undefined : { state: fields[0]!, start: fields[19]! };
}

/** When a process began, in clock ticks since the machine did; undefined where the system does not say. */
export const processStart = async (pid: number): Promise<string | undefined> => (await statusOf(pid))?.start;

/**
 * Whether a process of this namespace is at work: one that has ended and that nobody has asked about yet is not.
 *
 * @param start as `processStart` said; tells a process from a later one of the same number
 */
export async function isRunning(pid: number, start?: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process is there and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const status = await statusOf(pid);
  if (status === undefined) return true;
  if (["Z", "X", "x"].includes(status.state)) return false;
  return start === undefined || status.start === start;
}
