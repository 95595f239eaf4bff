import { readdir, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep, win32 } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { belongsTo, liesIn } from "../../common/links.node.ts";

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/**
 * The path as the file system writes it: a name may be composed differently there (`é` as one character or as `e` and an
 * accent), which tables and file systems disagree on. Undefined where no such file is there.
 */
async function spelled(root: string, path: string): Promise<string | undefined> {
  let at = root;
  for (const part of relative(root, path).split(sep)) {
    const entries = await readdir(at).catch((): string[] => []);
    const same = entries.includes(part) ? part : entries.find((name) => name.normalize() === part.normalize());
    if (same === undefined) return undefined;
    at = join(at, same);
  }
  return at;
}

/**
 * Finds files inside a folder by names that come from tables, indices and listings.
 *
 * @param root the folder, as the caller named it
 * @param real where it really lies; it may be reached through a link
 * @returns a function that gives the path of a file, named with slashes of either kind, relative to the folder or
 * absolute inside it
 */
export function placeInside(root: string, real: string): (file: string, by: string) => Promise<string> {
  return async (file, by) => {
    const slashed = file.replaceAll("\\", "/");
    const named = isAbsolute(slashed) ? slashed : join(root, slashed);
    const windows = win32.parse(file).root.includes(":");
    const inside = liesIn(resolve(named), resolve(root)) || liesIn(resolve(named), real);
    if (file.includes("\0") || windows || !inside) {
      throw new VesaliusError("bad-data", "a file is named that lies outside the dataset's folder", {
        where: by,
        fix: "put the files into the folder and name them relative to it",
      });
    }
    let path = named;
    const actual = await realpath(named).catch(async (error: unknown) => {
      const other = isAbsent(error) && liesIn(resolve(named), resolve(root)) ? await spelled(root, named) : undefined;
      if (other === undefined) throw fileError(error, named);
      path = other;
      return realpath(other).catch((broken: unknown) => {
        throw isAbsent(broken) ? deadLink(other, broken) : fileError(broken, other);
      });
    });
    if (await belongsTo(actual, real)) return path;
    throw new VesaliusError("bad-data", "a link leads outside the dataset's folder", {
      where: by,
      fix: "put the files themselves into the folder, or open the folder that holds both",
    });
  };
}

/** A link to a file that is not there. */
const deadLink = (path: string, cause: unknown): VesaliusError =>
  new VesaliusError("missing-file", "a link leads to a file that is not there", {
    where: path,
    fix: "put the file in its place, or remove the link",
    cause,
  });
