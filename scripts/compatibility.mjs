#!/usr/bin/env node
/**
 * Runs the cases of every operator on every backend that exists here and writes the table of what runs where:
 * docs/compatibility.md and docs/compatibility.json. Needs Chromium.
 *
 *     npm run build && node scripts/compatibility.mjs [OPERATOR ...]
 *
 * WebGPU in software takes most of the time, about half an hour in all. Where operators are named, only they run, and the
 * rows of the others stay: for a new operator under the same engine.
 */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const suite = (name) => import(join(repository, "packages/vesalius/dist/runtime/suite", `${name}.test.helper.js`));
const { cellsOf, compatibilityPage, compatibilitySchema } = await suite("compatibility");
const { hostRuns, referenceRuns } = await suite("operator-runs");
const { openSuitePage } = await suite("suite-page");
const { openSuiteProcess } = await suite("suite-process");

/** Random cases of each operator, as many as a backend gets through in reasonable time. */
const cases = { "node-cpu": 200, "web-wasm": 200, "web-webgpu": 200, "node-webgpu": 10 };
const drawn = cases["node-cpu"];
const named = process.argv.slice(2);
const names = named.length > 0 ? named : undefined;
const reference = await referenceRuns(drawn, names);
const columns = { "node-cpu": cellsOf(reference, reference) };
const engine = { node: reference.version, web: "" };
for (const backend of ["web-wasm", "web-webgpu", "node-webgpu"]) {
  const inPage = backend.startsWith("web");
  const run = cases[backend];
  const found = await hostRuns(
    () => (inPage ? openSuitePage(backend) : openSuiteProcess(backend)),
    { run, drawn },
    (done, all) => {
      if (done % 20 === 0 || done === all) console.error(`${backend}: ${done} of ${all}`);
    },
    names,
  );
  if (inPage) engine.web = found.version;
  columns[backend] = cellsOf(found, reference, run);
}
const file = join(repository, "docs/compatibility.json");
const rows = Object.fromEntries(
  Object.keys(columns["node-cpu"]).map((name) => [
    name,
    Object.fromEntries(Object.entries(columns).map(([column, cells]) => [column, cells[name]])),
  ]),
);
if (names !== undefined) {
  const before = compatibilitySchema.parse(JSON.parse(await readFile(file, "utf8")));
  if (before.engine.node !== engine.node || before.engine.web !== engine.web)
    throw new Error("the table was made with another version of the engine: run all operators");
  for (const [name, row] of Object.entries(before.operators)) rows[name] ??= row;
}
const operators = Object.fromEntries(Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1)));
const table = { engine, cases, operators };
await writeFile(file, `${JSON.stringify(table, null, 2)}\n`);
await writeFile(join(repository, "docs/compatibility.md"), compatibilityPage(table));
console.log(`${Object.keys(operators).length} operators: docs/compatibility.md`);
