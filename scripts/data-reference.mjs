#!/usr/bin/env node
/**
 * Writes the tables of docs/data.md from the lists of the library: kinds of column, readers with their settings, steps
 * and generators. The meaning of a setting is the comment above its key in the source.
 *
 *     node scripts/data-reference.mjs          write
 *     node scripts/data-reference.mjs --check  exit 1 where the page is not current
 *
 * It reads the built library: run `npm run build` first.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fillRegions, root, runAsProgram } from "./regions.mjs";

const folder = join(root, "packages/vesalius/src/data");

/** Comments above keys of zod objects, by key, over all sources of the data side; the first of a key counts. */
function meanings() {
  const found = new Map();
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) =>
      /^(readers\/.*|opening-options|open-dataset\.node|dataset\/assemble-dataset)\.ts$/.test(path) &&
      !path.includes(".test."),
  );
  for (const path of files.sort()) {
    const text = readFileSync(join(folder, path), "utf8");
    for (const [, comment, key] of text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+): (?:z\.|z\n|\w+Schema\b)/g)) {
      const clean = comment
        .split("\n")
        .map((line) => line.replace(/^\s*\*?\s?/, ""))
        .join(" ")
        .trim();
      if (!found.has(key)) found.set(key, clean);
    }
  }
  return found;
}

const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const table = (head, rows) => [
  `| ${head.join(" | ")} |`,
  `|${head.map(() => "---").join("|")}|`,
  ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
];

/** The page with its tables written anew. */
export async function fillData(text) {
  const library = await import(new URL("../packages/vesalius/dist/data/index.node.js", import.meta.url).href);
  const meaning = meanings();
  const settings = (shape) =>
    Object.keys(shape)
      .map((key) => `\`${key}\``)
      .join(", ");
  const own = [...new Set(library.readers.entries.flatMap(({ settings: { shape } }) => Object.keys(shape)))].sort(
    (a, b) => (a < b ? -1 : 1),
  );
  const without = [...own, ...Object.keys(library.openingShape)].filter((key) => !meaning.has(key));
  if (without.length > 0) throw new Error(`no comment says what ${without.join(", ")} mean`);
  const users = (key) =>
    library.readers.entries
      .filter(({ settings: { shape } }) => key in shape)
      .map(({ name }) => name)
      .join(", ");
  return fillRegions(text, "data", {
    kinds: table(
      ["kind", "what it holds", "same content"],
      library.columnKinds.map(({ kind, summary, identifies, fingerprints }) => [
        `\`${kind}\``,
        summary,
        fingerprints === undefined
          ? "says nothing"
          : (identifies ?? "together") === "alone"
            ? "one is enough"
            : "all of an example together",
      ]),
    ),
    readers: table(
      ["reader", "looks for", "gives", "settings"],
      library.readers.entries.map(({ name, looksFor, summary, settings: { shape } }) => [
        `\`${name}\``,
        looksFor,
        summary,
        settings(shape),
      ]),
    ),
    opening: table(
      ["option", "meaning"],
      Object.keys(library.openingShape).map((key) => [`\`${key}\``, meaning.get(key)]),
    ),
    settings: table(
      ["setting", "meaning", "readers"],
      own.map((key) => [`\`${key}\``, meaning.get(key), users(key)]),
    ),
    generators: table(
      ["generator", "draws"],
      library.generators.entries.map(({ name, summary }) => [`\`${name}\``, summary]),
    ),
    steps: table(
      ["step", "does"],
      library.datasetSteps.entries.map(({ name, summary }) => [`\`${name}\``, summary]),
    ),
  });
}

await runAsProgram(import.meta.url, { "docs/data.md": fillData });
