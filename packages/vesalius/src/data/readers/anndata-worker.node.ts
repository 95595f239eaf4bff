/** Entry of the thread that reads an AnnData file: a damaged one can keep HDF5's library busy without end. */
import { parentPort, workerData } from "node:worker_threads";
import { VesaliusError } from "../../common/errors.ts";
import { portableError } from "../../common/portable-error.ts";
import { memoryBudget } from "../files/memory-budget.ts";
import { readAnnData } from "./anndata.node.ts";
import type { AnnDataAnswer, AnnDataRequest } from "./bounded-anndata.node.ts";

const port = parentPort;
if (port === null) throw new Error("this module is the entry of a worker thread");
// Only `readBoundedAnnData` starts this thread.
const { path, maxBytes, ...options } = workerData as AnnDataRequest;
const budget = memoryBudget(maxBytes);

async function answer(): Promise<AnnDataAnswer> {
  try {
    const data = await readAnnData(path, { ...options, budget });
    return { kind: "read", data, claimed: maxBytes - budget.left };
  } catch (error) {
    if (!(error instanceof VesaliusError)) throw error;
    return { kind: "refused", error: portableError(error) };
  }
}

const result = await answer();
const arrays = result.kind === "read" ? [result.data.indptr, result.data.indices, result.data.values] : [];
port.postMessage(
  result,
  arrays.map(({ buffer }) => buffer as ArrayBuffer),
);
