import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";

/**
 * The bytes of a file. Named pipes, devices and sockets, whose end nobody knows, are refused before they are read.
 *
 * @throws VesaliusError `missing-file`, or `bad-file` for something that is not a file
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    // A pipe without a writer would keep a plain `open` waiting for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await file.stat();
      if (!found.isFile()) {
        throw new VesaliusError(
          "bad-file",
          found.isDirectory() ? "a folder stands where a file is read" : "a pipe, device or socket is no file",
          {
            where: path,
          },
        );
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, path);
  }
}
