#!/usr/bin/env node
/**
 * Runs the cases of every operator on every backend that exists here and writes the table of what runs where:
 * docs/compatibility.md and docs/compatibility.json. Needs Chromium.
 *
 *     npm run build && node scripts/compatibility.mjs
 */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const suite = join(repository, "packages/vesalius/dist/runtime/browser");
const { browserRuns, cellsOf, compatibilityPage, referenceRuns } = await import(
  join(suite, "compatibility.test.helper.js")
);
const { openSuitePage } = await import(join(suite, "suite-page.test.helper.js"));

const reference = await referenceRuns();
const columns = { "node-cpu": cellsOf(reference, reference) };
let web = "";
for (const provider of ["wasm", "webgpu"]) {
  const found = await browserRuns(openSuitePage, provider);
  web = found.version;
  columns[`web-${provider}`] = cellsOf(found, reference);
}
const operators = Object.fromEntries(
  Object.keys(columns["node-cpu"])
    .sort()
    .map((name) => [name, Object.fromEntries(Object.entries(columns).map(([column, cells]) => [column, cells[name]]))]),
);
const table = { engine: { node: reference.version, web }, operators };
await writeFile(join(repository, "docs/compatibility.json"), `${JSON.stringify(table, null, 2)}\n`);
await writeFile(join(repository, "docs/compatibility.md"), compatibilityPage(table));
console.log(`${Object.keys(operators).length} operators: docs/compatibility.md`);
