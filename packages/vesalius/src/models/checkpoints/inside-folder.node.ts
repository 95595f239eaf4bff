import { realpath } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { belongsTo } from "../../common/links.node.ts";

/**
 * Path of a file that another file of the folder names. Such names come from strangers: one that leaves the folder,
 * by its spelling or through a symbolic link, is refused. Links of a snapshot in the cache of Hugging Face's hub lead to the
 * blobs beside it, which belong to it.
 *
 * @param name relative path with forward slashes
 * @returns the real path
 * @throws VesaliusError `bad-file` for a name that leaves the folder, `missing-file` where there is no such file
 */
export async function pathInside(folder: string, name: string): Promise<string> {
  const refused = (how: string): VesaliusError =>
    new VesaliusError("bad-file", `a file of this folder names a file outside of it: ${how}`, {
      where: `${folder}, ${JSON.stringify(name)}`,
      fix: "do not use this model, or put the named file into the folder and correct the name",
    });
  const hasControl = Array.from(name, (character) => character.charCodeAt(0)).some((code) => code < 32);
  if (name === "" || hasControl || name.includes("\\") || /^[A-Za-z]:/.test(name)) throw refused("no plain path");
  if (isAbsolute(name)) throw refused("an absolute path");
  if (name.split("/").includes("..")) throw refused("a path upwards");
  const path = join(folder, name);
  try {
    const [root, real] = [await realpath(folder), await realpath(path)];
    if (!(await belongsTo(real, root))) throw refused("a symbolic link");
    return real;
  } catch (error) {
    throw fileError(error, path);
  }
}
