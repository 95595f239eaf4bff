#!/usr/bin/env node
/**
 * Enforces the promise of the pipeline: a new kind of data, network, objective, task, method or evaluation adds files and
 * lines in catalogues, and edits nothing general.
 *
 *     node scripts/check-slice.mjs [base] [head]      (default: HEAD~1 HEAD)
 *
 * A change that adds a part and edits general files is named with each general file that it edited, and exits with 1: the
 * interface is then wrong and should be mended in a change of its own. Changes that add no part pass.
 */
import { execFileSync } from "node:child_process";
import { argv, exit } from "node:process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

export const source = "packages/vesalius/src/";

/** Where a file that is added makes a change a slice. */
const partFolders = [
  /^data\/(?:readers|columns|encoders|transforms|samplers|steps|datasets)\/./,
  /^models\/(?:language|vision|bioinformatics|multimodal|tabular)\/./,
  /^pretraining\/(?:generative|contrastive|hybrid|supervised)\/./,
  /^adaptation\/(?:fine-tuning|adapters|prompts)\/./,
  /^tasks\/(?:inference\/)?[^/]+$/,
  /^evaluation\/(?!statistics\/|sections\/|metrics\/)[^/]+\/./,
  /^recipes\/studies\/./,
];

/** Catalogues and indexes, in which a new part has its line. */
export const catalogues = [
  /(?:^|\/)index(?:\.node)?\.ts$/,
  /^data\/columns\/constructors\.ts$/,
  /^models\/architectures\.ts$/,
  /^pretraining\/objectives\.ts$/,
  /^adaptation\/methods\.ts$/,
  /^tasks\/tasks\.ts$/,
  /^evaluation\/details-by-kind\.ts$/,
];

/** What a new part must not need to edit. */
export const generalFiles = [
  /^recipes\/(?!studies\/)/,
  /^adaptation\/[^/]+\.ts$/,
  /^pretraining\/[^/]+\.ts$/,
  /^evaluation\/(?:statistics\/|sections\/|[^/]+\.ts$)/,
  /^data\/(?:loaders\/|[^/]+\.ts$)/,
  /^platform\//,
  /^report\/[^/]+\.ts$/,
];

export const isTest = (path) => /\.test\.(?:helper\.)?tsx?$/.test(path) || path.includes(".test.cases.");

/**
 * @typedef {object} Change
 * @property {string} status first letter of git's: A, M, D, R
 * @property {string} path below the repository, with `/`
 */

/**
 * What a change adds, and which general files it edits beside that.
 * @param {readonly Change[]} changes
 */
export function checkSlice(changes) {
  const own = changes.filter(({ path }) => path.endsWith(".ts") && !isTest(path));
  const inside = own
    .filter(({ path }) => path.startsWith(source))
    .map(({ status, path }) => ({ status, path: path.slice(source.length) }));
  const isCatalogue = (path) => catalogues.some((pattern) => pattern.test(path));
  const added = inside.filter(
    ({ status, path }) => status === "A" && !isCatalogue(path) && partFolders.some((pattern) => pattern.test(path)),
  );
  const edited = inside.filter(
    ({ status, path }) => status !== "A" && !isCatalogue(path) && generalFiles.some((pattern) => pattern.test(path)),
  );
  const cli = own.filter(({ status, path }) => status !== "A" && path.startsWith("packages/cli/src/"));
  const general = [...edited.map(({ path }) => source + path), ...cli.map(({ path }) => path)];
  return { parts: added.map(({ path }) => source + path), general: added.length === 0 ? [] : general };
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(argv[1])).href) {
  const [base = "HEAD~1", head = "HEAD"] = argv.slice(2);
  const text = execFileSync("git", ["diff", "--name-status", "--no-renames", base, head], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const changes = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ status: line[0], path: line.slice(line.indexOf("\t") + 1) }));
  const { parts, general } = checkSlice(changes);
  for (const path of general)
    console.error(`${path} is general, and this change adds a part: mend the interface instead`);
  console.log(
    `slice: ${parts.length} part${parts.length === 1 ? "" : "s"} added, ${general.length} general files edited`,
  );
  exit(general.length === 0 ? 0 : 1);
}
