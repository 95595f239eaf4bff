#!/usr/bin/env node
/**
 * Enforces that general code serves every kind of data and every task alike: it may name no kind of data and no task.
 * What depends on one is declared by its column kind, encoder, task, network or reader.
 *
 *     node scripts/check-general-names.mjs
 *
 * Prints each offence as `file:line word`, and each exception that nothing needs any more; exits with 1 where there is one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { argv, exit } from "node:process";
import { pathToFileURL } from "node:url";
import { catalogues, generalFiles, isTest, source } from "./check-slice.mjs";
import { root } from "./regions.mjs";

/** Kinds of column and their constructors, the words of images, and the tasks. */
const words = new RegExp(
  [
    String.raw`image\w*|\w*pixel\w*|voxel\w*|volume\w*|radiograph\w*|nifti|dicom|molecule\w*|smiles|fasta`,
    String.raw`"(?:texts|sequences|expressions|spans|masks|labels|events|classes)"`,
    String.raw`(?:texts|sequences|expressions|spans|masks|labels|events|classes)Column`,
    String.raw`\w*classification\w*|"(?:segmentation|regression|survival|retrieval)"`,
  ].join("|"),
  "i",
);

/** Further folders of general code beside those in which a part may edit nothing. */
const furtherFolders = [/^(?:common|training|trust)\//, /^data\/dataset\//];

/** Where a name is right, and why. */
const exceptions = new Map([
  ["packages/cli/src/doctor/", "the check of an installation trains one real model, and a real model is of some kind"],
  ["packages/cli/src/stdin.ts", "what is piped in is text, whatever reads it"],
  [`${source}common/limits.ts`, "upper limits of settings by what their names are about, sizes of images among them"],
  ["packages/cli/src/commands/run.ts", "the recipe that runs where none is named is a file with a name"],
]);

/** The code of a source without its comments, with every line where it was. */
const withoutComments = (text) =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, " "))
    .replaceAll(/(^|[\s;,({])\/\/.*$/gm, "$1");

/** Whether a source is general: nothing of one kind of data, task, network, objective or method. */
function isGeneral(path, text) {
  if (!path.endsWith(".ts") || isTest(path)) return false;
  if (path.startsWith("packages/cli/src/")) return true;
  const inside = path.slice(source.length);
  if (!path.startsWith(source) || catalogues.some((pattern) => pattern.test(inside))) return false;
  // A file that declares an entry of the catalogue of tasks is a part; the others of its folder serve all tasks.
  if (/^tasks\/[^/]+\.ts$/.test(inside)) return !/\btaskEntry\(\{/.test(text);
  return [...generalFiles, ...furtherFolders].some((pattern) => pattern.test(inside));
}

/**
 * Names of kinds of data and tasks in general sources.
 *
 * @param {ReadonlyMap<string, string>} sources text by path below the repository, with `/`
 */
export function namesInGeneralCode(sources) {
  return [...sources].flatMap(([path, text]) => {
    if (!isGeneral(path, text)) return [];
    return withoutComments(text)
      .split("\n")
      .flatMap((line, i) => {
        const found = words.exec(line);
        return found === null ? [] : [{ path, line: i + 1, word: found[0] }];
      });
  });
}

/** What no exception allows, and the exceptions that nothing needs. */
export function generalOffences(sources) {
  const found = namesInGeneralCode(sources);
  const places = [...exceptions.keys()];
  return {
    offences: found.filter(({ path }) => !places.some((place) => path.startsWith(place))),
    idle: places.filter((place) => !found.some(({ path }) => path.startsWith(place))),
  };
}

/** The sources of library and command line. */
export const allSources = () =>
  new Map(
    [source, "packages/cli/src/"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) => [folder + path.replaceAll(sep, "/"), readFileSync(join(root, folder, path), "utf8")]),
    ),
  );

if (argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(argv[1])).href) {
  const { offences, idle } = generalOffences(allSources());
  for (const { path, line, word } of offences) console.error(`${path}:${line} names ${word}: let its kind declare it`);
  for (const place of idle) console.error(`${place} needs no exception any more`);
  exit(offences.length + idle.length === 0 ? 0 : 1);
}
