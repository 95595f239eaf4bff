import { basename } from "node:path";
import { BoundedProcess } from "../../../common/bounded-process.node.ts";
import { VesaliusError } from "../../../common/errors.ts";
import type { CaseResult } from "./verify-case.ts";

/** Memory that one case may take. */
const mostBytes = 8e9;

/**
 * Verifies test cases one after the other in a process of their own. One that cannot be read, that ends the engine or
 * that takes more than two minutes or 8 GB is a failure of that case alone.
 *
 * @param folders test cases in ONNX's layout
 * @param seconds of the processor that a case may take; one of a large model takes some
 */
export async function* verifyFolders(folders: Iterable<string>, seconds = 120): AsyncIterable<CaseResult> {
  const limits = { seconds, bytes: mostBytes };
  const process = new BoundedProcess<string, CaseResult>("./verify-worker.node", import.meta.url, limits);
  try {
    for (const folder of folders) {
      try {
        yield await process.request(folder);
      } catch (error) {
        if (!(error instanceof VesaliusError)) throw error;
        yield { name: basename(folder), status: "fail", reason: error.message };
      }
    }
  } finally {
    process.close();
  }
}
