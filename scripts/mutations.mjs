#!/usr/bin/env node
/**
 * Checks that the tests notice deliberate faults: each is put into a copy of the sources, a group of tests runs on the
 * copy, and where all of them still pass the fault survived and this program fails.
 *
 *     npm run mutations                          every fault of scripts/mutations
 *     npm run mutations -- training runtime/tail  those whose names begin so
 *     npm run mutations -- --ci                  a handful that takes less than two minutes
 *     npm run mutations -- --list                names, files and tests
 *
 * The same group must pass without the fault, and the place that a fault changes must be there exactly once.
 */
import { pathToFileURL } from "node:url";
import { copyTree } from "./mutations/copy.mjs";
import { problemsOf, readMutations, selectMutations } from "./mutations/list.mjs";
import { failures, runTests } from "./mutations/run-tests.mjs";
import { root } from "./regions.mjs";

/** @typedef {import("./mutations/list.mjs").Mutation} Mutation */

/**
 * What came of one fault.
 * @typedef {object} Outcome
 * @property {Mutation} mutation
 * @property {"noticed" | "survived" | "broken"} status broken where the tests fail anyway or do not even load
 * @property {string} detail
 * @property {number} seconds
 */

/**
 * @param {import("./mutations/copy.mjs").TreeCopy} tree
 * @param {Mutation} mutation
 * @returns {Promise<Outcome>}
 */
async function check(tree, mutation) {
  const began = performance.now();
  const restore = tree.change(mutation);
  try {
    const result = await runTests(tree.folder, mutation.tests, { bail: true });
    const seconds = (performance.now() - began) / 1000;
    const outcome = (status, detail) => ({ mutation, status, detail, seconds });
    if (result === "timeout") return outcome("noticed", "the tests do not end");
    const { failed, broken } = failures(result);
    if (failed.length > 0) return outcome("noticed", failed[0]);
    return broken.length > 0 ? outcome("broken", broken[0]) : outcome("survived", mutation.tests.join(", "));
  } finally {
    restore();
  }
}

/**
 * Runs the tests of faults without and with them. Faults whose tests fail as it is are not tried: they would show nothing.
 *
 * @param {readonly Mutation[]} mutations
 * @param {string} from root of the repository
 * @param {(line: string) => void} say
 * @returns {Promise<readonly Outcome[]>}
 */
export async function runMutations(mutations, from, say) {
  const tree = copyTree(from);
  try {
    const groups = [...new Set(mutations.flatMap(({ tests }) => tests))];
    const unchanged = await runTests(tree.folder, groups);
    if (unchanged === "timeout") throw new Error("the tests do not end on the sources as they are");
    const { failed, broken, passed } = failures(unchanged);
    say(`${passed.length} of ${groups.length} test files pass without a fault`);
    for (const what of [...broken, ...failed]) say(`fails without a fault: ${what}`);
    const outcomes = [];
    for (const mutation of mutations) {
      const bad = mutation.tests.find((test) => !passed.includes(test));
      const outcome =
        bad === undefined
          ? await check(tree, mutation)
          : { mutation, status: "broken", detail: `${bad} does not pass without it`, seconds: 0 };
      outcomes.push(outcome);
      say(`${outcome.status.padEnd(8)} ${mutation.name} (${outcome.seconds.toFixed(0)} s): ${outcome.detail}`);
    }
    return outcomes;
  } finally {
    tree.remove();
  }
}

async function main(args) {
  const chosen = selectMutations(await readMutations(), args);
  if (args.includes("--list")) {
    for (const { name, file, tests } of chosen) console.log(`${name}\n    ${file}\n    ${tests.join(" ")}`);
    return 0;
  }
  const problems = problemsOf(chosen, root);
  for (const { what } of problems) console.error(what);
  const current = chosen.filter(({ name }) => problems.every((problem) => problem.name !== name));
  const outcomes = current.length === 0 ? [] : await runMutations(current, root, console.log);
  const bad = outcomes.filter(({ status }) => status !== "noticed");
  console.log(`${outcomes.length - bad.length} of ${chosen.length} faults were noticed`);
  for (const { mutation, status } of bad) console.error(`${status}: ${mutation.name}`);
  for (const { name } of problems) console.error(`out of date: ${name}`);
  return bad.length + problems.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  process.exitCode = await main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  });
