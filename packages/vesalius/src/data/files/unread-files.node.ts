import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAbout, isOfSystem } from "./names.ts";

/** Files beyond this are not counted one by one. */
const MOST = 100_000;

/** A file's ending as it is told, with that of what is packed: `.nii.gz`. */
const toldEnding = (file: string): string =>
  /(?:\.[^.\s]{1,10})?\.gz$|\.[^.\s]{1,10}$/i.exec(file)?.[0].toLowerCase() ?? "without an ending";

/**
 * Counts the files below a folder that nobody read, by ending. Links to folders are not followed: what lies inside is
 * counted at its own place. Descriptions of the dataset and what operating systems leave behind do not count.
 *
 * @param read real paths of the files that were read
 */
export async function unreadFiles(root: string, read: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  let looked = 0;
  const count = (name: string): void => {
    const ending = toldEnding(name);
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  };
  const walk = async (at: string, top: boolean): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const { name } = entry;
      if (isOfSystem(name) || (top && isAbout(name)) || ++looked > MOST) continue;
      const path = join(at, name);
      if (entry.isDirectory()) await walk(path, false);
      else if (!entry.isSymbolicLink()) {
        if (!read.has(path)) count(name);
      } else {
        const [actual, found] = await Promise.all([realpath(path), stat(path)]).catch(() => [path, undefined] as const);
        if (found?.isDirectory() !== true && !read.has(actual)) count(name);
      }
    }
  };
  await walk(await realpath(root), true);
  return counts;
}

/** Says how many files were not read, and of which kinds. */
export function unreadCautions(counts: ReadonlyMap<string, number>): string[] {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const kinds = [...counts].sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1));
  const listed = kinds.slice(0, 8).map(([ending, count]) => `${count} ${ending}`);
  const others = kinds.slice(8).reduce((sum, [, count]) => sum + count, 0);
  const rest = others === 0 ? [] : [`${others} of other kinds`];
  return [`${total} ${total === 1 ? "file was" : "files were"} left out: ${[...listed, ...rest].join(", ")}.`];
}
