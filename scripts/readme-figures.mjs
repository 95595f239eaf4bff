#!/usr/bin/env node
/**
 * Fills the marked regions of README.md and docs/benchmarks.md from the committed files in benchmarks/results/: a table for NAME.json, the text
 * for NAME.txt. No figure is written by hand.
 *
 *     node scripts/readme-figures.mjs          write
 *     node scripts/readme-figures.mjs --check  exit 1 where a page is not current
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fillRegions, root, runAsProgram } from "./regions.mjs";

const results = join(root, "benchmarks", "results");

const number = (value, unit) => {
  if (unit === "share") return `${(100 * value).toFixed(1)}%`;
  const shown = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  return `${shown.toLocaleString("en-US")}${unit === "" ? "" : ` ${unit}`}`;
};

const range = ({ lower, upper }) =>
  lower === undefined || lower === null ? "" : ` (${lower.toFixed(3)} to ${upper.toFixed(3)})`;

/** A result as lines of Markdown: a table, and under it what the figures were measured on. */
function tableOf({ date, machine, method, measures }) {
  const ratios = measures.some(({ ratio }) => typeof ratio === "number");
  const rows = measures.map(({ name, value, unit, ratio, of, ...interval }) => {
    const shown = unit === "" ? value.toFixed(3) : number(value, unit);
    const compared = typeof ratio === "number" ? `${ratio.toFixed(2)} of ${of.replace(/, best$/, "")}` : "";
    return `| ${[name, `${shown}${range(interval)}`, ...(ratios ? [compared] : [])].join(" | ")} |`;
  });
  const { cpu, cores, memoryGiB, engine, node } = machine;
  const place = `${cpu}, ${cores} cores, ${memoryGiB} GiB; ONNX Runtime ${engine.version}, ${engine.name}; Node ${node}`;
  return [
    `| measure | value |${ratios ? " ratio |" : ""}`,
    `|---|---|${ratios ? "---|" : ""}`,
    ...rows,
    "",
    `${place}; ${date}. ${method}`,
  ];
}

/** Lines for each region: what is committed. */
function figures() {
  const files = existsSync(results) ? readdirSync(results) : [];
  const regions = {};
  for (const file of files) {
    const text = readFileSync(join(results, file), "utf8");
    if (extname(file) === ".json") regions[basename(file, ".json")] = tableOf(JSON.parse(text));
    else if (extname(file) === ".txt") regions[basename(file, ".txt")] = ["```text", text.trimEnd(), "```"];
  }
  return regions;
}

/** A page with its figures filled in; a region whose result is not committed says so. */
export function fillFigures(text) {
  const names = [...text.matchAll(/<!-- figures:([\w-]+) -->/g)].map(([, name]) => name);
  const missing = names.map((name) => [name, [`Not measured: \`benchmarks/results\` holds no result \`${name}\`.`]]);
  return fillRegions(text, "figures", { ...Object.fromEntries(missing), ...figures() });
}

await runAsProgram(import.meta.url, { "README.md": fillFigures, "docs/benchmarks.md": fillFigures });
