#!/usr/bin/env node
/**
 * Writes the table of docs/models.md: every network in `packages/vesalius/src/models`, in the words of its doc comment, and
 * the test that compares it with numbers of the published implementation.
 *
 *     node scripts/model-list.mjs          write
 *     node scripts/model-list.mjs --check  exit 1 where the page is not current
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { fillRegions, root, runAsProgram } from "./regions.mjs";

const folder = join(root, "packages/vesalius/src/models");

/** Doc comments of a file that stand above an exported function or constant, first sentence only. */
const summaries = (text) =>
  [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export (?:function|const)/g)].map(([, comment]) =>
    comment
      .split("\n")
      .map((line) => line.replace(/^\s*\*?\s?/, ""))
      .join(" ")
      .split(/\s@\w+/)[0]
      .replace(/\s+/g, " ")
      .trim()
      .replace(/(?<=[^.]{20})\. [A-Z].*$|\.$|:.*$/, ""),
  );

/** What a network is: the doc comment that says which work and whose parameter names, or at least which work. */
function descriptionOf(text) {
  const cited = summaries(text).filter((summary) => /\b(19|20)\d\d\b/.test(summary));
  return cited.find((summary) => summary.includes("parameter names")) ?? cited[0];
}

const source = (name) => `[${name}](../packages/vesalius/src/models/${name})`;

/** Rows of the table, by file name. */
export function modelRows() {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .sort();
  const read = (name) => readFileSync(join(folder, name), "utf8");
  const tests = files
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => ({ name, text: read(name) }))
    .filter(({ text }) => /readFixture\(["'`]model\//.test(text));
  return files.flatMap((name) => {
    if (!name.endsWith(".ts") || name.includes(".test.")) return [];
    const description = descriptionOf(read(name));
    if (description === undefined) return [];
    const own = tests.filter((one) => one.name === name.replace(/ts$/, "test.ts"));
    const checks = own.length > 0 ? own : tests.filter(({ text }) => text.includes(`/${basename(name)}"`));
    const links = checks.length === 0 ? "no" : checks.map((one) => source(one.name)).join(", ");
    return [`| ${source(name)} | ${description.replaceAll("|", "\\|")} | ${links} |`];
  });
}

/** The page with its table filled in. */
export const fillModels = (text) =>
  fillRegions(text, "models", {
    networks: ["| file | network | checked in |", "|---|---|---|", ...modelRows()],
  });

await runAsProgram(import.meta.url, { "docs/models.md": fillModels });
