/**
 * Comments above the keys of schemas in the library's sources, so that what a key means is written once: where it is
 * declared.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./regions.mjs";

const sources = join(root, "packages/vesalius/src");

/** Sources of the library by path below `src`. */
const files = new Map(
  readdirSync(sources, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/\.test\.|\.d\.ts$/.test(path))
    .map((path) => [path, readFileSync(join(sources, path), "utf8")]),
);

const clean = (comment) =>
  comment
    .split("\n")
    .map((line) => line.replace(/^\s*\/?\*+\/?\s?/, "").replace(/\s*\*\/$/, ""))
    .join(" ")
    .trim();

/** Comments of a file that stand above a key of an object: `/** ... *\/ key: z.`. */
function commentsOf(path) {
  const text = files.get(path);
  if (text === undefined) throw new Error(`there is no source ${path}`);
  return new Map(
    [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+)(?::|\?:)/g)].map(([, comment, key]) => [
      key,
      clean(comment),
    ]),
  );
}

/** Sources that a source imports, and those that they import, nearest first. */
function importsOf(path, depth = 3) {
  const found = [...files.get(path).matchAll(/from "(\.{1,2}\/[^"]+)"/g)]
    .map(([, to]) => relative(sources, join(sources, dirname(path), to)))
    .filter((to) => files.has(to) && !to.endsWith("/index.ts"));
  const deeper = depth > 1 ? found.flatMap((to) => importsOf(to, depth - 1)) : [];
  return [...new Set([...found, ...deeper])];
}

/** The source that declares the entry of a catalogue, by the catalogue's folders and the entry's name. */
function sourceOf(folders, name) {
  const declares = new RegExp(`name: (?:z\\.literal\\()?"${name}"`);
  const found = [...files].filter(
    ([path, text]) => folders.some((folder) => path.startsWith(folder)) && declares.test(text),
  );
  const entries = found.filter(([, text]) => /summary:|imageTransform|z\.literal/.test(text));
  return (entries[0] ?? found[0])?.[0];
}

/**
 * What keys of schemas mean.
 *
 * @param {readonly string[]} paths sources to look in, first come first
 * @returns {(key: string) => string | undefined}
 */
export function meaningsIn(...paths) {
  const maps = paths.map((path) => commentsOf(path));
  return (key) => maps.find((map) => map.has(key))?.get(key);
}

/**
 * What the settings of a catalogue's entry mean: from the source that declares it and those that it imports.
 *
 * @param {readonly string[]} folders where entries of the catalogue lie, below `src`
 * @param {string} name
 */
export function meaningsOfEntry(folders, name) {
  const source = sourceOf(folders, name);
  if (source === undefined) return () => undefined;
  const near = importsOf(source).filter((path) => folders.some((folder) => path.startsWith(folder.split("/")[0])));
  return meaningsIn(source, ...near);
}
