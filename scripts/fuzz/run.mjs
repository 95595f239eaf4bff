/** Reads changed inputs in processes with limits, and counts what came of them. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BoundedProcess } from "../../packages/vesalius/dist/common/bounded-process.node.js";
import { changedInput } from "./inputs.mjs";
import { readers } from "./readers.mjs";

/** What one input may take: seconds of the processor and bytes of the whole process. */
const limits = { seconds: 10, bytes: 1e9 };

/** What is no fault: an input that was read, and one that was refused by name. */
const fine = new Set(["read", "refused"]);

/** What came of an input; the process ends, or is ended, where one goes beyond the limits. */
async function ask(process, request) {
  try {
    return await process.request(request);
  } catch (error) {
    return { kind: /was stopped/.test(error.message) ? "limit" : "crash", message: error.message };
  }
}

/** Files of an input, so that a fault is looked at without the processes. */
export async function writeInput(reader, seed, index, folder) {
  const seeds = await readers[reader].seeds();
  const files = index < seeds.length ? seeds[index] : changedInput(reader, readers[reader], seeds, seed, index);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/**
 * Processes that read inputs. They stay for all readers and are replaced where one ends.
 *
 * @param {number} count
 */
export const startProcesses = (count) =>
  Array.from({ length: count }, () => new BoundedProcess("./worker", import.meta.url, limits));

/**
 * Reads inputs of one reader by their numbers, the unchanged seeds first.
 *
 * @param {{ reader: string, seed: number, first?: number, count: number, processes: ReturnType<typeof startProcesses> }} what
 * @param {(fault: { reader: string, index: number, kind: string, message: string, stack?: string }) => void} onFault
 * @returns {Promise<{ tried: number, read: number, refused: number, faults: number, seconds: number }>}
 */
export async function fuzzReader({ reader, seed, first = 0, count, processes }, onFault) {
  const found = { tried: 0, read: 0, refused: 0, faults: 0 };
  const start = performance.now();
  let next = first;
  const work = async (process) => {
    while (next < first + count) {
      const index = next++;
      // What earlier inputs left in the process counts too: a limit is only reached where a fresh process reaches it.
      let outcome = await ask(process, { reader, seed, index });
      if (outcome.kind === "limit") outcome = await ask(process, { reader, seed, index });
      found.tried++;
      if (fine.has(outcome.kind)) found[outcome.kind]++;
      else {
        found.faults++;
        onFault({ reader, index, ...outcome });
      }
    }
  };
  await Promise.all(processes.map(work));
  return { ...found, seconds: (performance.now() - start) / 1000 };
}
