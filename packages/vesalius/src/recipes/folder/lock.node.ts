import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";

const lockSchema = z.object({
  pid: z.int().positive(),
  /** When the run began. */
  started: z.string(),
  /** When the process began, in clock ticks since the machine did; tells a process from a later one of the same number. */
  processStart: z.string().optional(),
});
type Lock = z.infer<typeof lockSchema>;

/** Start of a process as Linux states it; undefined elsewhere and for processes that have ended. */
async function processStart(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The name in parentheses may hold spaces; the fields after it do not. The start is field 22.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

async function isAlive({ pid, processStart: started }: Lock): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process is there and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = await processStart(pid);
  return started === undefined || now === undefined || now === started;
}

/** What a lock file says; undefined where there is none, and without `lock` where it is torn. */
async function readLock(path: string): Promise<{ lock: Lock | undefined } | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return { lock: lockSchema.safeParse(JSON.parse(text)).data };
  } catch {
    return { lock: undefined };
  }
}

const inUse = (folder: string, lock: Lock | undefined): VesaliusError =>
  new VesaliusError(
    "run-in-progress",
    lock === undefined
      ? "another run has just taken this folder"
      : `process ${lock.pid} has been running into this folder since ${lock.started}`,
    { where: folder, fix: "wait until it ends, stop it, or choose another folder with --out" },
  );

/** Gives a file a second name; false where the name is taken. */
async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Replaces the lock of a dead process by `own`. Only the holder of a second lock may do so, and it looks again first:
 * otherwise two that saw the same dead lock could each remove what the other has just put there.
 */
async function takeOver(path: string, own: string, folder: string): Promise<boolean> {
  const guard = `${path}.takeover`;
  if (!(await linkIfFree(own, guard))) {
    const held = await readLock(guard);
    if (held?.lock !== undefined && (await isAlive(held.lock))) throw inUse(folder, undefined);
    await rm(guard, { force: true });
    return false;
  }
  try {
    const held = await readLock(path);
    if (held === undefined) return await linkIfFree(own, path);
    if (held.lock !== undefined && (await isAlive(held.lock))) throw inUse(folder, held.lock);
    await rename(own, path);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Rounds in which a lock may change hands before us. */
const attempts = 5;

/**
 * Takes the lock `run.lock` of a folder. The lock of a process that no longer lives is taken over.
 *
 * @returns a function that gives the lock back
 * @throws VesaliusError `run-in-progress` while another process (or this one) holds it; `output-not-writable`, `disk-full`
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "run.lock");
  const start = await processStart(process.pid);
  const lock: Lock = {
    pid: process.pid,
    started: new Date().toISOString(),
    ...(start === undefined ? {} : { processStart: start }),
  };
  // Written aside and linked, so that nobody ever reads half a lock.
  const own = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const unlock = (): Promise<void> => rm(path, { force: true });
  try {
    await writeFile(own, `${JSON.stringify(lock)}\n`, { flag: "wx" });
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (await linkIfFree(own, path)) return unlock;
      const held = await readLock(path);
      if (held?.lock !== undefined && (await isAlive(held.lock))) throw inUse(folder, held.lock);
      if (await takeOver(path, own, folder)) return unlock;
    }
    throw inUse(folder, undefined);
  } catch (error) {
    throw fileError(error, folder);
  } finally {
    await rm(own, { force: true }).catch(() => {});
  }
}
