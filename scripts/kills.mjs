#!/usr/bin/env node
/**
 * Kills a small run again and again, lets it go on, and compares what it leaves with a run that nobody disturbed: equal
 * bytes of weights, answers and metrics, equal records and reports up to their times, nothing left behind.
 *
 *     npm run kills -- COUNT [SEED]      (after a build; 20 kills with seed 1 unless said otherwise)
 *
 * A run is killed at a random moment, or before, after or in the middle of a random one of its file operations; one in
 * four is killed twice; half of them share stages with all others. The same seed draws the same kills; what a random
 * moment hits depends on the machine. Prints a line for each failure with what repeats it, and `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, execPath, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { contentOf, differingFiles } from "./kills/compare.mjs";

const beside = (/** @type {string} */ name) => fileURLToPath(new URL(`kills/${name}`, import.meta.url));

/** Numbers from 0 to below 1, always the same for a seed (mulberry32). */
function random(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param {string} out
 * @param {string} stages
 * @param {{ readonly at?: string, readonly count?: string, readonly after?: number }} [how] `after`: milliseconds
 * @returns {Promise<{ readonly code: number | null, readonly signal: string | null, readonly error: string, readonly took: number }>}
 */
function run(out, stages, { at, count, after } = {}) {
  const env = { ...process.env, ...(at && { KILL_AT: at }), ...(count && { KILL_COUNT: count }) };
  delete env["NODE_OPTIONS"];
  const began = performance.now();
  const child = spawn(execPath, ["--import", beside("preload.mjs"), beside("child.mjs"), out, stages], { env });
  let error = "";
  child.stderr.on("data", (chunk) => (error += chunk));
  // A moment counts from where the first stage begins: before, nothing is written.
  if (after !== undefined) child.stdout.once("data", () => setTimeout(() => child.kill("SIGKILL"), after).unref());
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, error, took: performance.now() - began }));
  });
}

/**
 * Tries so many kills.
 *
 * @param {number} count
 * @param {number} seed
 * @param {(line: string) => void} say
 * @returns {Promise<{ readonly passed: number, readonly failed: number, readonly killed: number }>}
 */
export async function tryKills(count, seed, say) {
  const folder = mkdtempSync(join(tmpdir(), "vesalius-kills-"));
  try {
    const counted = join(folder, "operations");
    const straight = await run(join(folder, "straight"), "none", { count: counted });
    if (straight.code !== 0) throw new Error(`the undisturbed run failed: ${straight.error}`);
    const expected = contentOf(join(folder, "straight"));
    const operations = Number(readFileSync(counted, "utf8"));
    say(`${operations} file operations, ${expected.size} files, ${Math.round(straight.took)} ms undisturbed`);
    let [passed, killed] = [0, 0];
    for (let trial = 0; trial < count; trial++) {
      const next = random(seed * 100_003 + trial);
      const pick = (/** @type {number} */ below) => Math.floor(next() * below);
      const out = join(folder, `run-${trial}`);
      const stages = next() < 0.5 ? "none" : join(folder, `stages-${pick(Math.ceil(count / 4))}`);
      const kills = Array.from({ length: next() < 0.25 ? 2 : 1 }, () =>
        next() < 0.2
          ? { after: pick(600) }
          : { at: `${pick(operations)}:${/** @type {const} */ (["before", "middle", "after"])[pick(3)]}` },
      );
      for (const kill of kills) if ((await run(out, stages, kill)).signal === "SIGKILL") killed++;
      const last = await run(out, stages);
      const problems =
        last.code === 0 ? differingFiles(expected, contentOf(out)) : [`it does not go on: ${last.error.trim()}`];
      const left = existsSync(stages) ? readdirSync(stages).filter((name) => !/^[0-9a-f]{32}$/.test(name)) : [];
      if (problems.length + left.length === 0) passed++;
      else say(`trial ${trial} of seed ${seed}, ${JSON.stringify(kills)}: ${[...problems, ...left].join(", ")}`);
      rmSync(out, { recursive: true, force: true });
    }
    return { passed, failed: count - passed, killed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [count, seed] = [Number(argv[2] ?? 20), Number(argv[3] ?? 1)];
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
    console.error("npm run kills -- COUNT [SEED]: whole numbers, COUNT from 1");
    exit(2);
  }
  const { passed, failed, killed } = await tryKills(count, seed, (line) => console.log(line));
  console.log(`${killed} processes killed`);
  console.log(`${passed} passed, ${failed} failed`);
  exit(failed === 0 ? 0 : 1);
}
