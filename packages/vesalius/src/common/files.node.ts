import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { VesaliusError } from "./errors.ts";

/** Turns an operating-system error about a path into the typed error that a user can act on. */
export function fileError(error: unknown, path: string): VesaliusError {
  if (error instanceof VesaliusError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case "ENOENT":
      return new VesaliusError("missing-file", "no such file or folder", { where: path, cause: error });
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new VesaliusError("disk-full", "there is no room left to write", {
        where: path,
        fix: "free disk space or choose another folder with --out; what was saved before is untouched",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EEXIST":
      return new VesaliusError("output-not-writable", `the path cannot be used (${code})`, {
        where: path,
        fix: "choose a folder that you may write to",
        cause: error,
      });
    case "ELOOP":
      return new VesaliusError("bad-file", "a link leads back to itself", {
        where: path,
        fix: "remove the link, or put what is meant in its place",
        cause: error,
      });
    default:
      return new VesaliusError("bad-file", error instanceof Error ? error.message : String(error), {
        where: path,
        cause: error,
      });
  }
}

/**
 * Writes a file so that a reader sees either the old content or the new one, never a part: the bytes go to a
 * temporary file beside it, are flushed to disk, and are renamed into place. Parent folders are made.
 *
 * @throws VesaliusError `disk-full` or `output-not-writable`; the old file and no temporary file are left.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileError(error, path);
  }
}
