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

async function readLock(path: string): Promise<{ text: string; lock: Lock | undefined } | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return { text, lock: lockSchema.safeParse(JSON.parse(text)).data };
  } catch {
    return { text, lock: undefined };
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

/** Removes the lock of a dead process, unless a third process has replaced it meanwhile. */
async function removeStale(path: string, stale: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(6).toString("hex")}.stale`;
  try {
    await rename(path, aside);
  } catch {
    return false;
  }
  const moved = await readFile(aside, "utf8");
  const same = moved === stale;
  // link() refuses to replace, so a lock that was taken by mistake goes back only where nobody has a new one.
  if (!same) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
  return same;
}

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
  const text = `${JSON.stringify(lock)}\n`;
  // Written aside and linked, so that nobody ever reads half a lock.
  const own = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(own, text, { flag: "wx" });
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        await link(own, path);
        return () => rm(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const held = await readLock(path);
      if (held === undefined) continue;
      if (held.lock !== undefined && (await isAlive(held.lock))) throw inUse(folder, held.lock);
      await removeStale(path, held.text);
    }
    throw inUse(folder, undefined);
  } catch (error) {
    throw fileError(error, folder);
  } finally {
    await rm(own, { force: true });
  }
}
