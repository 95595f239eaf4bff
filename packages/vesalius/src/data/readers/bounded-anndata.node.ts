import { stat } from "node:fs/promises";
import { VesaliusError } from "../../common/errors.ts";
import { fileError } from "../../common/files.node.ts";
import { type PortableError, restoreError } from "../../common/portable-error.ts";
import { startWorker } from "../../common/worker.node.ts";
import type { AnnData, AnnDataOptions } from "./anndata.node.ts";

/** What the thread is told. */
export interface AnnDataRequest extends Omit<AnnDataOptions, "budget"> {
  readonly path: string;
  readonly maxBytes: number;
}

/** What the thread answers. */
export type AnnDataAnswer =
  | { readonly kind: "read"; readonly data: AnnData; readonly claimed: number }
  | { readonly kind: "refused"; readonly error: PortableError };

/** Seconds of the processor that any file may take, and those that each million bytes adds: many times what it needs. */
const limits = { seconds: 5, secondsPerMegabyte: 2 };

/**
 * Reads the cells of an AnnData file in a thread, which is ended where the file keeps it busy longer than files of its
 * size do.
 *
 * @throws VesaliusError as `readAnnData`; `bad-file` for a file that is not read in time
 */
export async function readBoundedAnnData(path: string, { budget, ...options }: AnnDataOptions): Promise<AnnData> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  const request: AnnDataRequest = { ...options, path, maxBytes: budget.left };
  const worker = startWorker("./anndata-worker.node", import.meta.url, request);
  const seconds = limits.seconds + (limits.secondsPerMegabyte * size) / 1e6;
  const start = process.cpuUsage();
  let watch: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<AnnDataAnswer>((resolve, reject) => {
      watch = setInterval(() => {
        const { user, system } = process.cpuUsage(start);
        if ((user + system) / 1e6 < seconds) return;
        const what = `the file is not read within ${Math.round(seconds)} s of the processor`;
        reject(new VesaliusError("bad-file", what, { where: path, fix: "the file is damaged; write it again" }));
      }, 100);
      worker.once("message", resolve).once("error", reject);
      worker.once("exit", () => reject(new VesaliusError("bad-file", "the file cannot be read", { where: path })));
    });
    if (answer.kind === "refused") throw restoreError(answer.error);
    budget.claim(answer.claimed, "the file", path);
    return answer.data;
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}
