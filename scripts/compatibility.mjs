#!/usr/bin/env node
/**
 * Runs the cases of every operator on every backend that exists here and writes the table of what runs where:
 * docs/compatibility.md and docs/compatibility.json. Needs Chromium.
 *
 *     npm run build && node scripts/compatibility.mjs
 *
 * WebGPU in software takes most of the time, about half an hour in all.
 */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const suite = (name) => import(join(repository, "packages/vesalius/dist/runtime/suite", `${name}.test.helper.js`));
const { cellsOf, compatibilityPage } = await suite("compatibility");
const { hostRuns, referenceRuns } = await suite("operator-runs");
const { openSuitePage } = await suite("suite-page");
const { openSuiteProcess } = await suite("suite-process");

/** Random cases of each operator, as many as a backend gets through in reasonable time. */
const cases = { "node-cpu": 200, "web-wasm": 200, "web-webgpu": 200, "node-webgpu": 10 };
const drawn = cases["node-cpu"];
const reference = await referenceRuns(drawn);
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
  );
  if (inPage) engine.web = found.version;
  columns[backend] = cellsOf(found, reference, run);
}
const operators = Object.fromEntries(
  Object.keys(columns["node-cpu"])
    .sort()
    .map((name) => [name, Object.fromEntries(Object.entries(columns).map(([column, cells]) => [column, cells[name]]))]),
);
const table = { engine, cases, operators };
await writeFile(join(repository, "docs/compatibility.json"), `${JSON.stringify(table, null, 2)}\n`);
await writeFile(join(repository, "docs/compatibility.md"), compatibilityPage(table));
console.log(`${Object.keys(operators).length} operators: docs/compatibility.md`);
