import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { isOfSystem, stemOf } from "./names.ts";

/** Folders with more files than this are not searched. */
const MOST = 1_000_000;

const folded = (name: string): string => name.normalize("NFC").toLowerCase();
/** Key of files that are named without their ending, as `ISIC_0024306`; no file's own name has a slash in it. */
const withoutEnding = (stem: string): string => `${stem}/`;
const lastOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * Finds the files of a folder that a name could mean: tables often leave out the folder that the files lie in or their
 * ending, or write other letter case. The folder is listed once, when the first name is asked for; links are not followed.
 *
 * @param root the folder
 * @returns a function that gives the paths of the files that a name could mean: of that name in folders of those names, as
 * far as some are written
 */
export function filesByName(root: string): (file: string) => Promise<readonly string[]> {
  let index: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

  async function list(): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = new Map<string, string[]>();
    let looked = 0;
    const walk = async (at: string): Promise<void> => {
      for (const entry of await readdir(at, { withFileTypes: true }).catch(() => [])) {
        if (isOfSystem(entry.name) || ++looked > MOST) continue;
        const path = join(at, entry.name);
        if (entry.isDirectory()) await walk(path);
        else if (entry.isFile())
          for (const name of new Set([folded(entry.name), withoutEnding(stemOf(folded(entry.name)))]))
            found.set(name, [...(found.get(name) ?? []), path]);
      }
    };
    await walk(root);
    return looked > MOST ? new Map() : found;
  }

  return async (file) => {
    index ??= list();
    const named = folded(file.replaceAll("\\", "/"));
    const files = await index;
    const candidates = files.get(lastOf(named)) ?? files.get(withoutEnding(lastOf(named))) ?? [];
    const paths = candidates.map((path) => [path, folded(relative(root, path)).replaceAll("\\", "/")] as const);
    // Folders that are written have to be there: a mask often has the name of its image. Either may begin further up.
    const alike = paths.filter(([, whole]) =>
      [whole, `${whole.slice(0, whole.lastIndexOf("/") + 1)}${stemOf(whole)}`].some(
        (own) => `/${own}`.endsWith(`/${named}`) || `/${named}`.endsWith(`/${own}`),
      ),
    );
    return (named.includes("/") ? alike : paths).map(([path]) => path);
  };
}
