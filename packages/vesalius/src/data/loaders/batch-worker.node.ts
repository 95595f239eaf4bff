/** Entry of a thread that prepares batches: answers each request with a batch, whose buffers move without a copy. */
import { parentPort, workerData } from "node:worker_threads";
import { batchMaker } from "./batch-maker.ts";
import type { BatchAnswer, BatchRequest, BatchWork } from "./worker-messages.ts";
import { serialiseError } from "./worker-errors.ts";

const port = parentPort;
if (port === null) throw new Error("this module is the entry of a worker thread");

// Only the loader starts this thread, with the plan that it checked.
const { split, plan, buckets } = workerData as BatchWork;
const maker = batchMaker(split, plan);

async function answer({ step, rows, bucket }: BatchRequest): Promise<BatchAnswer> {
  try {
    return { step, batch: await maker.make(step, rows, buckets[bucket]!) };
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
    const arrays = "batch" in result ? [...result.batch.feeds.values()].map(({ data }) => data as Float32Array) : [];
    port.postMessage(
      result,
      arrays.map(({ buffer }) => buffer as ArrayBuffer),
    );
  })();
});
