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
import { tableOfReaders } from "./fuzz/result.mjs";
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

/** Results of recipes, in the order of the survey's subfields. */
function recipeResults() {
  const folder = join(results, "recipes");
  const order = ["language", "vision", "bioinformatics", "multimodal"];
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => extname(file) === ".json")
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")))
    .sort((a, b) => order.indexOf(a.subfield) - order.indexOf(b.subfield) || (a.recipe < b.recipe ? -1 : 1));
}

const estimate = ({ mean, lower, upper }) =>
  lower === null || lower === undefined
    ? mean.toFixed(3)
    : `${mean.toFixed(3)} (${lower.toFixed(3)} to ${upper.toFixed(3)})`;

/** Cells of one metric: its name, the floor, methods and baselines with their intervals. */
function measureCells({ metric, better, floor, methods, baselines = [] }) {
  const seeds = (count) => `${count} seed${count === 1 ? "" : "s"}`;
  const lines = [
    ...methods.map((one) => `${one.label} ${estimate(one)}, ${seeds(one.seeds)}`),
    ...baselines.map((one) => `${one.label} ${estimate({ ...one, mean: one.value })}, baseline`),
  ];
  return [
    `${metric}${better === "lower" ? " (lower is better)" : ""}`,
    floor === null ? "–" : `${floor.value.toFixed(3)} ${floor.name}`,
    lines.join("<br>"),
  ];
}

/** Every recipe with its methods beside the floor: means over the seeds with 95% intervals. */
function recipeTable() {
  const rows = recipeResults();
  if (rows.length === 0) return ["Not measured: `benchmarks/results/recipes` holds no result."];
  const described = rows.flatMap(({ recipe, subfield, dataset, split, seconds, wattHours, others = [], ...first }) => [
    [
      `[${recipe}](recipes/${subfield}/${recipe}.yaml)`,
      `${dataset}, ${split}`,
      ...measureCells(first),
      `${Math.round(seconds / 60)} min, ${wattHours.toFixed(1)} Wh`,
    ],
    ...others
      .filter(({ floor, baselines }) => floor !== null || baselines !== undefined)
      .map((one) => ["", "", ...measureCells(one), ""]),
  ]);
  return [
    "| recipe | data | metric | floor | methods, mean (95% interval) | whole run |",
    "|---|---|---|---|---|---|",
    ...described.map((cells) => `| ${cells.join(" | ")} |`),
    "",
    `${[...new Set(rows.map(({ machine, date }) => `${machine}; ${date}`))].join(". ")}.`,
  ];
}

/** Lines for each region: what is committed. */
function figures() {
  const files = existsSync(results) ? readdirSync(results) : [];
  const regions = { recipes: recipeTable() };
  for (const file of files) {
    if (extname(file) === "") continue;
    const text = readFileSync(join(results, file), "utf8");
    if (file === "fuzz.json") regions.fuzz = tableOfReaders(JSON.parse(text));
    else if (extname(file) === ".json") regions[basename(file, ".json")] = tableOf(JSON.parse(text));
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
