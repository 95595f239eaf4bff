import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";

/** One read asks the system for no more than this, which keeps below the 2 GB that a single one can give. */
const largestRead = 2 ** 30;

/**
 * Reads a range of a regular file, of any size. Nothing is allocated before the size of the file is known to suffice.
 *
 * @param length number of bytes; to the end of the file where it is left out
 * @throws VesaliusError `bad-file` when the range goes beyond the end or the path is no regular file, `missing-file`
 */
export async function readRange(path: string, offset = 0, length?: number): Promise<Uint8Array> {
  try {
    // A pipe without a writer would keep a plain `open` waiting for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const status = await file.stat();
      if (!status.isFile())
        throw new VesaliusError(
          "bad-file",
          status.isDirectory() ? "a folder stands where a file is read" : "a pipe, device or socket is no file",
          { where: path },
        );
      const count = length ?? status.size - offset;
      if (!Number.isSafeInteger(offset + count) || offset < 0 || count < 0 || offset + count > status.size)
        throw new VesaliusError(
          "bad-file",
          `the bytes ${offset} to ${offset + count} are asked for, the file has ${status.size}`,
          { where: path, fix: "the file is truncated or does not belong to the model; get it again" },
        );
      const bytes = new Uint8Array(count);
      for (let done = 0; done < count;) {
        const { bytesRead } = await file.read(bytes, done, Math.min(largestRead, count - done), offset + done);
        if (bytesRead === 0)
          throw new VesaliusError("bad-file", "the file became shorter while it was read", { where: path });
        done += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * Size of a regular file in bytes.
 *
 * @throws VesaliusError `bad-file` when the path is no regular file, `missing-file`
 */
export async function fileSize(path: string): Promise<number> {
  const status = await stat(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  if (!status.isFile()) throw new VesaliusError("bad-file", "this is no regular file", { where: path });
  return status.size;
}
