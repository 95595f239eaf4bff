import { readdir, realpath } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { VesaliusError } from "../../common/errors.ts";
import { belongsTo } from "../../common/links.node.ts";

/** Whether a path, its links followed, lies outside of a folder, its own links followed too; not where nothing is there. */
export async function leadsOutside(path: string, folder: string): Promise<boolean> {
  const [real, root] = await Promise.all([
    realpath(path).catch(() => undefined),
    realpath(folder).catch(() => undefined),
  ]);
  if (real === undefined || root === undefined) return false;
  return !(await belongsTo(real, root));
}

/**
 * Refuses a folder of weights that is a link out of the folder in which a recipe is run, or holds one: a recipe that came
 * with such links would read whatever they lead to. An absolute path was given by the user, since recipes' files name none.
 *
 * @param weights as the recipe names it
 * @param base folder that relative paths start from
 * @throws VesaliusError `bad-argument` naming the link
 */
export async function checkWeightLinks(weights: string, base = process.cwd()): Promise<void> {
  if (isAbsolute(weights)) return;
  const folder = join(base, weights);
  // A path upwards was given by the user too; what lies there is held against that folder.
  const root = weights.split(/[\\/]/).includes("..") ? folder : base;
  const files = await readdir(folder).catch((): string[] => []);
  for (const path of [folder, ...files.map((file) => join(folder, file))])
    if (await leadsOutside(path, root))
      throw new VesaliusError("bad-argument", "the weights are a link that leads out of the folder of the run", {
        where: path,
        fix: (option) =>
          `allow it with ${option("followLinks", "true")}, or put the files themselves into the folder that backbone.weights names`,
      });
}
