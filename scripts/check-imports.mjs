#!/usr/bin/env node
/**
 * Checks that imports in the library point one way and that what a browser loads stays free of Node.
 *
 *     node scripts/check-imports.mjs [folder]      (default: packages/vesalius/src)
 *
 * Prints each offence as `file:line message` and exits with 1 where there is one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Each stage may import those before it and `common`; folders of one stage stand beside each other. */
const stages = [
  ["report"],
  ["graph"],
  ["runtime"],
  ["training"],
  ["models", "data"],
  // What differs between Node and a browser: it brings backends and loaders together, and is imported as `#platform`.
  ["platform"],
  ["evaluation"],
  ["generation"],
  ["tasks"],
  ["pretraining", "adaptation"],
  ["trust"],
  ["applications"],
];
/** Folders that put everything together: they may import all. */
const unrestricted = ["recipes", "atlas", "cli"];
const nodeOnlyPackages = ["onnxruntime-node", "sharp"];
/** The one file that loads the engine in Node, because its telemetry must be switched off first. */
const engineLoader = "runtime/load-onnxruntime.node.ts";

/** @type {Map<string, ReadonlySet<string>>} */
const allowedImports = new Map([
  ["common", new Set(["common"])],
  ...stages.flatMap((stage, i) => {
    const before = stages.slice(0, i).flat();
    return stage.map((folder) => {
      // Reports and data build on nothing: they know neither graphs nor training.
      const allowed = new Set(["common", folder, ...(["data", "report"].includes(folder) ? [] : before)]);
      return /** @type {[string, Set<string>]} */ ([folder, allowed]);
    });
  }),
]);

/**
 * @typedef {object} ImportStatement
 * @property {string} specifier what is imported, as written
 * @property {number} line counted from 1
 * @property {boolean} typeOnly `import type` and `export type`, which leave nothing behind at run time
 * @property {boolean} dynamic `import("...")`
 */

/**
 * @typedef {object} Offence
 * @property {string} file path below the checked folder, with `/`
 * @property {number} line counted from 1
 * @property {string} message what is wrong and what to do
 */

const commentsAndLiterals = new RegExp(
  [
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`\/\/[^\n]*`,
    String.raw`\`(?:\\[\s\S]|[^\`\\])*\``,
    String.raw`"(?:\\.|[^"\\\n])*"`,
    String.raw`'(?:\\.|[^'\\\n])*'`,
    // A regular expression, which may hold quotes and comment signs, begins where no division can stand.
    String.raw`(?<=(?:[=(,:;!&|?{+>]|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/`,
  ].join("|"),
  "g",
);
const staticImport =
  /^[ \t]*(?:(?<keyword>import|export)\b(?<type>\s+type\b)?[^"'`;()=]*?\bfrom\s*|import\s*)(?<quote>["'])(?<specifier>[^"'\n]+)\k<quote>/gm;
const dynamicImport = /\bimport\s*\(\s*(["'])(?<specifier>[^"'\n]+)\1/g;

/**
 * Lists the imports and re-exports of a TypeScript source. Comments, template literals and regular expressions are
 * blanked first, so an example in a doc comment is no import.
 *
 * @param {string} source
 * @returns {ImportStatement[]}
 */
export function listImports(source) {
  const code = source.replace(commentsAndLiterals, (text) =>
    text.startsWith('"') || text.startsWith("'") ? text : text.replace(/[^\n]/g, " "),
  );
  /** @type {(match: RegExpMatchArray, specifierOffset: number) => number} */
  const lineOf = (match, specifierOffset) => code.slice(0, (match.index ?? 0) + specifierOffset).split("\n").length;
  /** @type {(pattern: RegExp, dynamic: boolean) => ImportStatement[]} */
  const found = (pattern, dynamic) =>
    [...code.matchAll(pattern)].map((match) => ({
      specifier: match.groups?.["specifier"] ?? "",
      line: lineOf(match, match[0].length),
      typeOnly: match.groups?.["type"] !== undefined,
      dynamic,
    }));
  return [...found(staticImport, false), ...found(dynamicImport, true)];
}

/**
 * Folder of the library that a path below its root lies in; "" for files in the root itself.
 * @param {string} path with `/`
 */
const folderOf = (path) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "");

/**
 * Path below the root that an import means, or undefined where it is another package.
 * @param {string} file
 * @param {string} specifier
 */
function targetOf(file, specifier) {
  if (specifier.startsWith(".")) return join(dirname(file), specifier).split(sep).join("/");
  if (specifier.startsWith("#")) return `${specifier.slice(1)}/index.ts`;
  if (specifier === "vesalius") return "index.ts";
  if (specifier.startsWith("vesalius/")) return `${specifier.slice("vesalius/".length)}/index.ts`;
  return undefined;
}

/**
 * Tests, their helpers and the folder of helpers that they share: they may import anything and are never published.
 * @param {string} path with `/`
 */
const isTestCode = (path) => /\.test\.(?:helper\.)?tsx?$/.test(path) || path.startsWith("testing/");

/**
 * Why a folder may not import a target; undefined where it may.
 * @param {string} folder
 * @param {string} target
 */
function arrowOffence(folder, target) {
  if (target.startsWith("..")) return "leaves the source folder, which is all that is published";
  if (isTestCode(target)) return "is test code, which library code must not need";
  const allowed = allowedImports.get(folder);
  if (allowed === undefined || allowed.has(folderOf(target))) return undefined;
  const what = folderOf(target) === "" ? "the root" : `${folderOf(target)}/`;
  return `points against the arrows: ${folder}/ may import ${[...allowed].join(", ")}, not ${what}`;
}

/**
 * Why a file that a browser loads may not hold an import; undefined where it may.
 * @param {ImportStatement} statement
 */
function nodeOffence({ specifier, typeOnly, dynamic }) {
  if (typeOnly || dynamic) return undefined;
  const packageName = specifier.split("/")[0] ?? "";
  const nodeOnly =
    specifier.startsWith("node:") ||
    builtinModules.includes(packageName) ||
    nodeOnlyPackages.includes(packageName) ||
    /\.node\.[cm]?[jt]s$/.test(specifier);
  return nodeOnly ? "needs Node: move it to a file named *.node.ts, or use `import type`" : undefined;
}

/**
 * Why a file may not load the engine itself; undefined where it may.
 * @param {string} file path below the root, with `/`
 * @param {ImportStatement} statement
 */
function engineOffence(file, { specifier, typeOnly }) {
  const loads = !typeOnly && /^onnxruntime-node(?:\/|$)/.test(specifier);
  return loads && file !== engineLoader
    ? "starts the engine with its telemetry on: take it from loadOnnxRuntimeNode of vesalius/runtime, or use `import type`"
    : undefined;
}

/**
 * Places of a file outside the library, or of a test, that load the engine themselves.
 * @param {string} file path with `/`
 * @param {string} source
 * @returns {Offence[]}
 */
export const checkEngine = (file, source) =>
  listImports(source).flatMap((statement) => {
    const reason = engineOffence(file, statement);
    return reason === undefined ? [] : [{ file, line: statement.line, message: `"${statement.specifier}" ${reason}` }];
  });

/**
 * Offences of one file.
 * @param {string} file path below the root, with `/`
 * @param {string} source
 * @returns {Offence[]}
 */
export function checkFile(file, source) {
  if (isTestCode(file)) return checkEngine(file, source);
  const folder = folderOf(file);
  if (folder !== "" && !allowedImports.has(folder) && !unrestricted.includes(folder)) {
    return [
      { file, line: 1, message: `the folder ${folder}/ has no place in the arrows; give it one in check-imports` },
    ];
  }
  const nodeFile = /\.node\.tsx?$/.test(file);
  return listImports(source).flatMap((statement) => {
    const target = targetOf(file, statement.specifier);
    const reasons = [
      target === undefined ? undefined : arrowOffence(folder, target),
      (nodeFile ? undefined : nodeOffence(statement)) ?? engineOffence(file, statement),
    ];
    return reasons
      .filter((reason) => reason !== undefined)
      .map((reason) => ({ file, line: statement.line, message: `"${statement.specifier}" ${reason}` }));
  });
}

/**
 * Offences of every TypeScript file below a folder, ordered by file and line.
 * @param {string} root
 * @param {(file: string, source: string) => Offence[]} check
 * @returns {Offence[]}
 */
export function checkFolder(root, check = checkFile) {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => /\.tsx?$/.test(path) && !/(?:^|\/)(?:dist|node_modules)\//.test(path))
    .sort()
    .flatMap((file) => check(file, readFileSync(join(root, file), "utf8")).sort((a, b) => a.line - b.line));
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(argv[1])).href) {
  const repository = dirname(dirname(fileURLToPath(import.meta.url)));
  const root = resolve(argv[2] ?? join(repository, "packages/vesalius/src"));
  const offences = [[root, checkFolder(root)]];
  if (argv[2] === undefined)
    for (const folder of ["packages/cli/src", "benchmarks", "examples"])
      offences.push([join(repository, folder), checkFolder(join(repository, folder), checkEngine)]);
  const count = offences.reduce((sum, [, found]) => sum + found.length, 0);
  for (const [folder, found] of offences)
    for (const { file, line, message } of found)
      console.error(`${relative(".", join(folder, file))}:${line} ${message}`);
  console.log(count === 0 ? "imports: in order" : `imports: ${count} against the rules`);
  exit(count === 0 ? 0 : 1);
}
