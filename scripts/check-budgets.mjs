#!/usr/bin/env node
/**
 * Checks what the library costs those who install it: bytes of the package, bytes of its dependencies, time to import.
 *
 *     node scripts/check-budgets.mjs [--json]
 *
 * Bytes over budget are failures. Times depend on the machine and on what else it does, so they are reported, and only a
 * time far over budget fails. Raising a budget is a decision: say in the commit what it buys. Run `npm run build` first.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./regions.mjs";

/** Largest sizes in bytes: of the package a tenth above what it was when the budget was set, of dependencies a fifth. */
export const byteBudgets = {
  "package, packed": 2_200_000,
  "package, installed": 8_000_000,
  "hard dependencies, installed": 15_000_000,
};

/** Milliseconds to import in a fresh process, about twice what a quiet machine of two cores takes. */
export const timeBudgets = { vesalius: 1500, "vesalius/graph": 500 };

/** A time that no noise explains. */
const farOver = 5;

const library = join(root, "packages", "vesalius");

const readPackage = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** Folder of an installed package, as Node finds it from another one. */
function locate(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === dirname(folder)) throw new Error(`${name} is not installed; run npm ci`);
  }
}

const bytesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    // Packages nested in a package are counted as dependencies of their own.
    if (entry.isDirectory()) return entry.name === "node_modules" ? sum : sum + bytesOf(path);
    return sum + statSync(path).size;
  }, 0);

/** Packages that come with a package whether or not they are wanted, those of its dependencies included. */
export function hardDependencies(folder, found = new Map()) {
  for (const name of Object.keys(readPackage(folder).dependencies ?? {})) {
    const at = locate(name, folder);
    if (found.has(at)) continue;
    found.set(at, name);
    hardDependencies(at, found);
  }
  return found;
}

/** Milliseconds that a fresh process takes to import a module: the median of several. */
export function importTime(module, runs = 5) {
  const program = `const began = performance.now(); await import(${JSON.stringify(module)}); console.log(performance.now() - began)`;
  const times = Array.from({ length: runs }, () =>
    Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: root, encoding: "utf8" })),
  );
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)];
}

/** Sizes of the library as somebody gets it who installs it. */
export function measureBytes() {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--loglevel=error"], { cwd: library, encoding: "utf8" }),
  );
  const dependencies = [...hardDependencies(library).keys()];
  return {
    "package, packed": packed.size,
    "package, installed": packed.unpackedSize,
    "hard dependencies, installed": dependencies.reduce((sum, folder) => sum + bytesOf(folder), 0),
  };
}

/** Everything that is measured beside its budget. */
export function checkBudgets() {
  const bytes = Object.entries(measureBytes()).map(([name, value]) => {
    const budget = byteBudgets[name];
    return { name, value, unit: "bytes", budget, failed: value > budget };
  });
  const times = Object.entries(timeBudgets).map(([module, budget]) => {
    const value = importTime(module);
    return { name: `import ${module}`, value, unit: "ms", budget, failed: value > farOver * budget };
  });
  return [...bytes, ...times];
}

const shown = (value, unit) =>
  unit === "bytes" ? `${Math.round(value / 1000).toLocaleString("en-US")} kB` : `${Math.round(value)} ms`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const checks = checkBudgets();
  if (process.argv.includes("--json")) console.log(JSON.stringify(checks));
  else
    for (const { name, value, unit, budget, failed } of checks) {
      const verdict = failed ? "  OVER BUDGET" : value > budget ? "  over, on this machine now" : "";
      console.log(`${name.padEnd(30)} ${shown(value, unit).padStart(10)} of ${shown(budget, unit)}${verdict}`);
    }
  if (checks.some(({ failed }) => failed)) process.exitCode = 1;
}
