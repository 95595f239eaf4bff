/** The list of deliberate faults: one file for each folder of the library in `faults/`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { transformSync } from "rolldown/utils";

/** Where the files and tests of faults lie. */
export const sources = "packages/vesalius/src";

/**
 * A deliberate fault.
 *
 * @typedef {object} Mutation
 * @property {string} name folder and what is wrong: `training/learning-rate-zero`
 * @property {string} file path below the sources
 * @property {string} find text that is in the file exactly once
 * @property {string} replace what stands there instead
 * @property {readonly string[]} tests paths below the sources of test files that must notice it
 * @property {boolean} ci whether it belongs to the handful
 */

const faults = new URL("faults/", import.meta.url);

/** Every fault. @returns {Promise<Mutation[]>} */
export async function readMutations(folder = faults) {
  const lists = readdirSync(folder)
    .filter((file) => file.endsWith(".mjs"))
    .sort();
  const read = await Promise.all(
    lists.map(async (list) => {
      const { default: entries } = await import(new URL(list, folder).href);
      return entries.map((entry) => ({ ci: false, ...entry, name: `${basename(list, ".mjs")}/${entry.name}` }));
    }),
  );
  return read.flat();
}

/** A source with the fault in it. */
export const mutate = (source, { find, replace }) => source.replace(find, () => replace);

/**
 * What is wrong with a list: faults whose place is not there (any more) or there twice, that change nothing or cannot be
 * read, and tests that do not exist.
 *
 * @param {readonly Mutation[]} mutations
 * @param {string} root of the repository
 * @returns {{ name: string, what: string }[]}
 */
export function problemsOf(mutations, root) {
  const names = mutations.map(({ name }) => name);
  return mutations.flatMap((mutation, i) => {
    const { name, file, find, replace, tests } = mutation;
    const problem = (what) => [{ name, what: `${name}: ${what}` }];
    if (names.indexOf(name) !== i) return problem("the name is taken");
    const missing = [file, ...tests].find((path) => !existsSync(join(root, sources, path)));
    if (missing !== undefined) return problem(`there is no ${missing}; bring the fault up to date`);
    if (tests.length === 0) return problem("no tests are named");
    const source = readFileSync(join(root, sources, file), "utf8");
    const count = source.split(find).length - 1;
    if (count !== 1) return problem(`${file} holds the text ${count} times instead of once: ${find}`);
    if (find === replace) return problem("changes nothing");
    const { errors } = transformSync(file, mutate(source, mutation));
    return errors.length > 0 ? problem(`the source cannot be read: ${errors[0].message}`) : [];
  });
}

/**
 * Faults whose names begin with one of the arguments, all without arguments, the handful with `--ci`.
 *
 * @param {readonly Mutation[]} mutations
 * @param {readonly string[]} args
 * @throws Error where an argument chooses nothing
 */
export function selectMutations(mutations, args) {
  const prefixes = args.filter((arg) => !arg.startsWith("--"));
  const pool = args.includes("--ci") ? mutations.filter(({ ci }) => ci) : mutations;
  const unknown = prefixes.find((prefix) => !pool.some(({ name }) => name.startsWith(prefix)));
  if (unknown !== undefined) throw new Error(`no fault has a name that begins with ${unknown}; see --list`);
  return prefixes.length === 0 ? pool : pool.filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)));
}
