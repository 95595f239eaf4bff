/** Runs test files of a copy of the repository with Vitest. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { configurationFile } from "./copy.mjs";
import { sources } from "./list.mjs";

/** Longest time of one run, in milliseconds: a fault may make a program that never ends. */
const patience = 20 * 60_000;

/**
 * @typedef {object} FileResult
 * @property {string} name path of the test file
 * @property {string} message what kept the file from loading; empty otherwise
 * @property {"passed" | "failed"} status
 * @property {readonly { status: string, fullName: string }[]} assertionResults
 */

/**
 * @param {string} folder the copy
 * @param {readonly string[]} tests paths below the sources
 * @param {{ readonly bail?: boolean }} options `bail` stops at the first failure
 * @returns {Promise<{ folder: string, testResults: readonly FileResult[] } | "timeout">}
 */
export async function runTests(folder, tests, { bail = false } = {}) {
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const output = join(folder, "results.json");
  rmSync(output, { force: true });
  const args = ["run", "--root", folder, "--config", join(folder, configurationFile), "--reporter=json"];
  const files = tests.map((test) => join(sources, test));
  // A process group of its own, so that a run which does not end can be ended with all its processes.
  const child = spawn(
    process.execPath,
    [vitest, ...args, `--outputFile=${output}`, ...(bail ? ["--bail=1"] : []), ...files],
    { cwd: folder, detached: true, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-4000)));
  let late = false;
  const stop = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, patience);
  process.once("exit", stop);
  await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  process.off("exit", stop);
  clearTimeout(timer);
  if (late) return "timeout";
  if (!existsSync(output)) throw new Error(`Vitest wrote no results: ${said}`);
  return { folder, ...JSON.parse(readFileSync(output, "utf8")) };
}

/**
 * Tests that failed, files that could not be loaded, and files in which all is well.
 *
 * @param {{ folder: string, testResults: readonly FileResult[] }} result
 */
export function failures({ folder, testResults }) {
  const pathOf = (name) => relative(join(folder, sources), name).split(sep).join("/");
  const failed = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName }) => `${pathOf(name)}: ${fullName.trim()}`),
  );
  const broken = testResults
    .filter(
      ({ status, assertionResults }) => status === "failed" && assertionResults.every((one) => one.status !== "failed"),
    )
    .map(({ name, message }) => `${pathOf(name)} does not load: ${message.split("\n")[0]}`);
  const passed = testResults.filter(({ status }) => status === "passed").map(({ name }) => pathOf(name));
  return { failed, broken, passed };
}
