import { availableParallelism } from "node:os";
import { VesaliusError } from "../common/errors.ts";

/** More threads than that are a mistake: the engine makes them all, and they wait for each other. */
const mostThreads = (): number => Math.max(64, 4 * availableParallelism());

/**
 * Checks a number of threads.
 *
 * @throws VesaliusError `bad-argument` for what is no whole number from 1 to 64, or to four times the cores
 */
export function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads()) return threads;
  throw new VesaliusError("bad-argument", `the engine cannot work with ${threads} threads`, {
    where: "threads",
    fix: `choose a whole number from 1 to ${mostThreads()}; this machine has ${availableParallelism()} cores`,
  });
}

/**
 * All cores, or what the environment variable `VESALIUS_THREADS` says: several processes on one machine share it so.
 *
 * @throws VesaliusError `bad-configuration` where the variable holds no number of threads
 */
export function defaultThreads(): number {
  const said = process.env["VESALIUS_THREADS"]?.trim() ?? "";
  if (said === "") return availableParallelism();
  const threads = /^\d+$/.test(said) ? Number(said) : NaN;
  if (threads >= 1 && threads <= mostThreads()) return threads;
  throw new VesaliusError("bad-configuration", `the environment variable VESALIUS_THREADS is ${JSON.stringify(said)}`, {
    where: "VESALIUS_THREADS",
    fix: `set it to a whole number from 1 to ${mostThreads()}, or leave it out for all ${availableParallelism()} cores`,
  });
}
