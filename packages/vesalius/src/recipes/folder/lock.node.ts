import { copyFile, constants, link, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { isRunning, processNamespace, processStart } from "../../common/process.node.ts";
import { isAbandoned, temporaryPath, withdrawTemporary } from "../../common/temporary-files.node.ts";
import { deadAfter, startHeartbeat } from "./heartbeat.node.ts";
import { parseJson } from "../../common/parse-json.ts";

const lockSchema = z.object({
  pid: z.int().positive(),
  /** When the run began. */
  started: z.string(),
  /** When the process began, in clock ticks since the machine did; tells a process from a later one of the same number. */
  processStart: z.string().optional(),
  /** Where the number of the process means something; left out by earlier versions, which knew one machine. */
  namespace: z.string().optional(),
});
type Lock = z.infer<typeof lockSchema>;

/** A lock file as it was found. */
interface Found {
  readonly text: string;
  /** Last change in milliseconds, by the clock of the file system. */
  readonly changed: number;
  /** Undefined where the file is torn. */
  readonly lock: Lock | undefined;
}

/** What a lock file says; undefined where there is none. */
async function readLock(path: string): Promise<Found | undefined> {
  let text: string;
  let changed: number;
  try {
    // Opened anew each time: a network file system shows what others wrote only then.
    const file = await open(path);
    try {
      text = await file.readFile("utf8");
      changed = (await file.stat()).mtimeMs;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
  try {
    return { text, changed, lock: lockSchema.safeParse(parseJson(text)).data };
  } catch {
    return { text, changed, lock: undefined };
  }
}

const isHere = ({ namespace }: Lock): boolean => namespace === undefined || namespace === processNamespace();

const isSame = (a: Found | undefined, b: Found): boolean => a?.text === b.text && a.changed === b.changed;

/** Milliseconds from look to look at a lock that is held elsewhere. */
const lookEvery = 250;
/** A lock without content is being written; after so long, in milliseconds, its writer is gone. */
const emptyFor = 2000;

/**
 * Whether a lock keeps others out. The holder's process is asked where it is of this machine and container. Elsewhere the
 * lock itself tells: its holder writes it every two seconds, and one that has not for half a minute is dead.
 *
 * @param own a file that has just been written beside it, for the file system's time
 */
async function isHeld(path: string, found: Found, own: string): Promise<boolean> {
  const { lock } = found;
  if (lock !== undefined && isHere(lock)) return isRunning(lock.pid, lock.processStart);
  if (lock === undefined && found.text !== "") return false;
  const now = (await readLock(own))?.changed ?? Date.now();
  const limit = lock === undefined ? emptyFor : deadAfter;
  for (let age = now - found.changed; age < limit; age += lookEvery) {
    await wait(lookEvery);
    const later = await readLock(path);
    // Another lock, or none: who asks looks again.
    if (later === undefined || later.text !== found.text) return false;
    if (later.changed !== found.changed) return true;
  }
  return false;
}

const inUse = (folder: string, lock: Lock | undefined): VesaliusError => {
  const where = lock !== undefined && !isHere(lock) ? " on another machine or in another container" : "";
  return new VesaliusError(
    "run-in-progress",
    lock === undefined
      ? "another run has just taken this folder"
      : `process ${lock.pid}${where} has been running into this folder since ${lock.started}`,
    { where: folder, fix: (option) => `wait until it ends, stop it, or choose another folder with ${option("out")}` },
  );
};

/** Gives a file a second name, or copies it where the file system knows no second names; false where the name is taken. */
async function linkIfFree(from: string, to: string): Promise<boolean> {
  const unlessTaken = (error: unknown): false => {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  };
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    return copyFile(from, to, constants.COPYFILE_EXCL).then(() => true, unlessTaken);
  }
}

/**
 * Replaces the lock of a dead process by `own`. Only the holder of a second lock may do so, and it looks again first:
 * otherwise two that saw the same dead lock could each remove what the other has just put there.
 */
async function takeOver(path: string, dead: Found, own: string, folder: string): Promise<boolean> {
  const guard = `${path}.takeover`;
  if (!(await linkIfFree(own, guard))) {
    const held = await readLock(guard);
    if (held !== undefined && (await isHeld(guard, held, own))) throw inUse(folder, undefined);
    await rm(guard, { force: true });
    return false;
  }
  try {
    const held = await readLock(path);
    if (held === undefined) return await linkIfFree(own, path);
    if (!isSame(held, dead)) return false;
    await rename(own, path);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Whether what lies beside a lock was left by a process that was killed while it took the lock. */
async function isLeftover(path: string): Promise<boolean> {
  if (await isAbandoned(path)) return true;
  // The second lock, and files of earlier versions whose names do not tell their maker, hold what the lock would.
  if (!/\.(takeover|[0-9a-f]{12}\.tmp)$/.test(path)) return false;
  const found = await readLock(path);
  if (found?.lock === undefined) return found !== undefined && found.text !== "";
  return isHere(found.lock) && !(await isRunning(found.lock.pid, found.lock.processStart));
}

async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    const left = join(folder, name);
    if (name.startsWith(`${basename(path)}.`) && (await isLeftover(left))) await rm(left, { force: true });
  }
}

/** Rounds in which a lock may change hands before us. */
const attempts = 5;

/**
 * Takes the lock `run.lock` of a folder, and shows on it that the holder lives. The lock of a process that no longer lives
 * is taken over: at once where the process was of this machine and container, after half a minute without a sign of life
 * where it was elsewhere.
 *
 * @param onLost told once where another run has taken the lock over, after this process stood still for so long
 * @returns a function that gives the lock back
 * @throws VesaliusError `run-in-progress` while another process (or this one) holds it; `output-not-writable`, `disk-full`
 */
export async function lockFolder(folder: string, onLost: () => void = () => {}): Promise<() => Promise<void>> {
  const path = join(folder, "run.lock");
  const start = await processStart(process.pid);
  const lock: Lock = {
    pid: process.pid,
    started: new Date().toISOString(),
    ...(start === undefined ? {} : { processStart: start }),
    namespace: processNamespace(),
  };
  const text = `${JSON.stringify(lock)}\n`;
  // Written aside and linked, so that nobody ever reads half a lock.
  const own = temporaryPath(path);
  const taken = async (): Promise<() => Promise<void>> => {
    await removeLeftovers(path);
    const stop = startHeartbeat(path, text, onLost);
    return async () => {
      await stop();
      if ((await readLock(path))?.text === text) await rm(path, { force: true });
    };
  };
  try {
    await writeFile(own, text, { flag: "wx" });
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (await linkIfFree(own, path)) return await taken();
      const held = await readLock(path);
      if (held === undefined) continue;
      if (await isHeld(path, held, own)) throw inUse(folder, held.lock);
      if (await takeOver(path, held, own, folder)) return await taken();
    }
    throw inUse(folder, undefined);
  } catch (error) {
    throw fileError(error, folder);
  } finally {
    await rm(own, { force: true }).catch(() => {});
    withdrawTemporary(own);
  }
}
