#!/usr/bin/env node
/**
 * Writes the tables of docs/models.md: every architecture of the catalogue with what it reads and its heads, and every
 * network in `packages/vesalius/src/models`, in the words of its doc comment, with the test that compares it with numbers of
 * the published implementation.
 *
 *     node scripts/model-list.mjs          write
 *     node scripts/model-list.mjs --check  exit 1 where the page is not current
 *
 * It reads the built library: run `npm run build` first.
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

/** Architectures that are made of others, and what they are made of here. */
const towers = { image: { name: "vit", preset: "nano" }, text: { name: "bert", preset: "nano" } };

/** A row of the catalogue: name, what it is, what it reads through which encoder, heads, named sizes. */
function architectureRow(architectures, { name, summary, paper, roles, presets, settings }) {
  const isMade = "towers" in settings.shape;
  const { reads, heads = {} } = architectures.create({ name, ...presets["nano"], ...(isMade ? { towers } : {}) });
  const encoders = (role) => ("spatial" in settings.shape ? "`pixels` or `voxels`" : `\`${reads[role].name}\``);
  const read = isMade
    ? "what its towers read"
    : Object.entries(roles).map(([role, kinds]) => `${role}: ${kinds} (${encoders(role)})`);
  const own = Object.keys(heads).filter((head) => !head.includes("."));
  const sizes = Object.keys(presets).join(", ");
  const cells = [
    `\`${name}\``,
    `${summary} (${paper.split(",")[0]})`,
    [read].flat().join("; "),
    own.join(", ") || "-",
    sizes,
  ];
  return `| ${cells.join(" | ").replaceAll("\n", " ")} |`;
}

/** The page with its tables filled in. */
export async function fillModels(text) {
  const { architectures } = await import("vesalius/models");
  return fillRegions(text, "models", {
    architectures: [
      "| name | network | reads (encoder) | heads | sizes |",
      "|---|---|---|---|---|",
      ...architectures.entries.map((entry) => architectureRow(architectures, entry)),
    ],
    networks: ["| file | network | checked in |", "|---|---|---|", ...modelRows()],
  });
}

await runAsProgram(import.meta.url, { "docs/models.md": fillModels });
