import { lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { VesaliusError } from "./errors.ts";
import { isAbandoned, temporaryPath, withdrawTemporary } from "./temporary-files.node.ts";

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const full: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the quota of disk space is used up",
  EFBIG: "the file would be larger than files may be here",
};

/** Turns an operating-system error about a path into the typed error that a user can act on. */
export function fileError(error: unknown, path: string): VesaliusError {
  if (error instanceof VesaliusError) return error;
  const code = codeOf(error) ?? "";
  const about = { where: path, cause: error };
  if (Object.hasOwn(full, code))
    return new VesaliusError("disk-full", full[code]!, {
      ...about,
      fix: (option) =>
        `free disk space or choose another folder with ${option("out")}; what was saved before is untouched`,
    });
  switch (code) {
    case "ENOENT":
      return new VesaliusError("missing-file", "no such file or folder", about);
    case "EROFS":
      return new VesaliusError("output-not-writable", "the file system is read-only", {
        ...about,
        fix: "choose a folder that you may write to",
      });
    case "EACCES":
    case "EPERM":
    case "ENOTDIR":
    case "EEXIST":
    case "ENAMETOOLONG":
      return new VesaliusError("output-not-writable", `the path cannot be used (${code})`, {
        ...about,
        fix: "choose a folder that you may write to",
      });
    case "ELOOP":
      return new VesaliusError("bad-file", "a link leads back to itself", {
        ...about,
        fix: "remove the link, or put what is meant in its place",
      });
    case "EMFILE":
    case "ENFILE":
      return new VesaliusError("runtime-failure", `no further file can be opened (${code})`, {
        ...about,
        fix: "raise the limit of open files of this shell: ulimit -n 1024",
      });
    default:
      return new VesaliusError("bad-file", error instanceof Error ? error.message : String(error), about);
  }
}

/** As `fileError`, for a file that was to be read. */
export function readError(error: unknown, path: string): VesaliusError {
  const code = codeOf(error) ?? "";
  if (error instanceof VesaliusError || !["EACCES", "EPERM", "EISDIR"].includes(code)) return fileError(error, path);
  const what = code === "EISDIR" ? "it is a folder, and a file is read" : `the file cannot be read (${code})`;
  return new VesaliusError("bad-file", what, {
    where: path,
    fix: "check the path and your right to read it",
    cause: error,
  });
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );

/**
 * Makes a folder and those above it. Unlike `mkdir` with `recursive` it ends where a file system takes no folders at all
 * (`/proc`).
 *
 * @throws VesaliusError `output-not-writable`, `disk-full`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === "EEXIST" && (await isFolder(path))) return;
    const parent = dirname(resolve(path));
    if (codeOf(error) !== "ENOENT" || parent === resolve(path)) throw fileError(error, path);
    if (!(await isFolder(parent))) await makeFolder(parent);
    // Once more in any case: others may have made the folder above, or this one, in the meantime.
    await mkdir(path).catch(async (again: unknown) => {
      if (codeOf(again) === "EEXIST" && (await isFolder(path))) return;
      if (codeOf(again) !== "ENOENT") throw fileError(again, path);
      throw new VesaliusError("output-not-writable", "no folder can be made here (ENOENT)", {
        where: path,
        fix: "choose a folder that you may write to",
        cause: again,
      });
    });
  }
}

/**
 * Refuses a path below a folder that leads out of it over a link: what is written there would land elsewhere. The folder
 * itself may be a link, since that is what was named.
 *
 * @throws VesaliusError `output-not-writable` naming the link
 */
export async function refuseLinks(folder: string, path: string): Promise<void> {
  const parts = relative(folder, dirname(path)).split(sep);
  let at = folder;
  for (const part of parts) {
    if (part === "" || part === ".") continue;
    at = join(at, part);
    const info = await lstat(at).catch(() => undefined);
    if (info === undefined) return;
    if (info.isSymbolicLink())
      throw new VesaliusError("output-not-writable", "a link leads out of the folder that is written to", {
        where: at,
        fix: "take the link away, or name the folder that it leads to",
      });
  }
}

/** Folders in which what killed processes left has been cleared away. */
const cleared = new Set<string>();

async function clearAbandoned(folder: string): Promise<void> {
  const path = resolve(folder);
  if (cleared.has(path)) return;
  cleared.add(path);
  for (const name of await readdir(path).catch(() => []))
    if (await isAbandoned(join(path, name)))
      await rm(join(path, name), { recursive: true, force: true }).catch(() => {});
}

/** How `writeFileAtomic` writes. */
export interface AtomicOptions {
  /** Looks at the file before it takes its name; what it throws leaves the old file. */
  readonly check?: (temporary: string) => Promise<void>;
}

/**
 * Writes a file so that a reader sees either the old content or the new one, never a part: the bytes go to a
 * temporary file beside it, are flushed to disk, and are renamed into place. Parent folders are made. A link under the
 * name is replaced, not followed. Temporary files that killed processes left in the folder are removed.
 *
 * @throws VesaliusError `disk-full` or `output-not-writable`; the old file and no temporary file are left.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { check }: AtomicOptions = {},
): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await makeFolder(dirname(path));
    await clearAbandoned(dirname(path));
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await check?.(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    if (codeOf(error) !== "ENOENT") throw fileError(error, path);
    throw new VesaliusError("output-not-writable", "no file can be made here (ENOENT)", {
      where: path,
      fix: "choose a folder that you may write to",
      cause: error,
    });
  } finally {
    withdrawTemporary(temporary);
  }
}
