/** Entry of a loader's worker thread: answers each requested step with a batch, whose buffers move without a copy. */
import { parentPort, workerData } from "node:worker_threads";
import { batchMaker } from "./batch-maker.ts";
import type { BatchPlan } from "./batch-plan.ts";
import { rowReader } from "./row-reader.node.ts";
import { serialiseError } from "./worker-messages.ts";
import type { BatchAnswer, BatchRequest } from "./worker-messages.ts";

const port = parentPort;
if (port === null) throw new Error("this module is the entry of a worker thread");

// Only the loader starts this thread, with the plan that it checked.
const plan = workerData as BatchPlan;
const make = batchMaker(plan, rowReader(plan.images));

async function answer({ step }: BatchRequest): Promise<BatchAnswer> {
  try {
    return { step, batch: await make(step) };
  } catch (error) {
    return { step, error: serialiseError(error) };
  }
}

// One at a time and in the order asked, so that the batch that is waited for is not slowed by those after it.
let last = Promise.resolve();
port.on("message", (request: BatchRequest) => {
  last = (async () => {
    await last;
    const result = await answer(request);
    const buffers =
      "batch" in result ? [result.batch.images.buffer, result.batch.labels.buffer, result.batch.indices.buffer] : [];
    port.postMessage(result, buffers as ArrayBuffer[]);
  })();
});
