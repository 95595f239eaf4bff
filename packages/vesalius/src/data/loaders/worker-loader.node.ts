import { VesaliusError } from "../../common/errors.ts";
import { startWorker } from "../../common/worker.node.ts";
import type { ImageBatch } from "../image-dataset.ts";
import { memoryImages } from "../image-source.ts";
import { checkStep } from "./batch-order.ts";
import { planOrder } from "./batch-plan.ts";
import type { BatchPlan, Threads } from "./batch-plan.ts";
import { closedError } from "./image-loader.ts";
import type { ImageLoader, WaitStatistics } from "./image-loader.ts";
import { restoreError } from "./worker-messages.ts";
import type { BatchAnswer, BatchRequest } from "./worker-messages.ts";

/** A batch on its way. */
interface Expected {
  /** Callers that wait for it now. */
  waiters: number;
  readonly promise: Promise<ImageBatch>;
  readonly resolve: (batch: ImageBatch) => void;
  readonly reject: (error: VesaliusError) => void;
}

function expectBatch(): Expected {
  let resolve!: Expected["resolve"];
  let reject!: Expected["reject"];
  const promise = new Promise<ImageBatch>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // A failed batch that was prepared ahead and is never asked for must not end the process.
  promise.catch(() => {});
  return { waiters: 0, promise, resolve, reject };
}

/** Pixels go to threads as shared memory: handing over anything else would copy the dataset once per thread. */
function sharedPlan(plan: BatchPlan): BatchPlan {
  const { images } = plan;
  return images.kind === "memory" ? { ...plan, images: memoryImages(images.pixels, images) } : plan;
}

/** Carries out a plan on worker threads, which prepare batches ahead of the step that is asked for. */
export function workerLoader(plan: BatchPlan, { workers, prefetch }: Threads): ImageLoader {
  const { stepsPerEpoch, steps } = planOrder(plan);
  const expected = new Map<number, Expected>();
  let failure: VesaliusError | undefined;
  let wait: WaitStatistics = { batches: 0, seconds: 0 };
  let waiting = 0;

  const fail = (error: VesaliusError): void => {
    failure ??= error;
    for (const { reject } of expected.values()) reject(failure);
    expected.clear();
  };
  const receive = (answer: BatchAnswer): void => {
    const batch = expected.get(answer.step);
    if ("batch" in answer) batch?.resolve(answer.batch);
    else batch?.reject(restoreError(answer.error));
  };
  const workerData = sharedPlan(plan);
  const threads = Array.from({ length: workers }, () => {
    const thread = startWorker("./image-worker.node", import.meta.url, workerData);
    thread.on("message", receive);
    thread.on("error", (cause) => {
      fail(new VesaliusError("runtime-failure", `a loader thread failed: ${cause.message}`, { cause }));
    });
    thread.on("exit", (code) => {
      fail(new VesaliusError("runtime-failure", `a loader thread ended with code ${code}`));
    });
    // Threads that nobody waits for must not keep a finished program alive.
    thread.unref();
    return thread;
  });
  const request = (step: number): Expected => {
    const batch = expectBatch();
    expected.set(step, batch);
    threads[step % workers]!.postMessage({ step } satisfies BatchRequest, []);
    return batch;
  };
  // After a jump (a resumed run) what was prepared before will not be asked for again, unless somebody waits for it.
  const forgetOutside = (step: number): void => {
    for (const [other, { waiters }] of expected) {
      if (waiters === 0 && (other < step || other > step + prefetch)) expected.delete(other);
    }
  };
  const holdOpen = (change: 1 | -1): void => {
    waiting += change;
    for (const thread of threads) {
      if (waiting > 0) thread.ref();
      else thread.unref();
    }
  };

  return {
    batchSize: plan.batchSize,
    stepsPerEpoch,
    get wait() {
      return wait;
    },
    async batch(step) {
      if (failure) throw failure;
      checkStep(step, steps);
      const start = performance.now();
      if (!expected.has(step)) forgetOutside(step);
      const wanted = expected.get(step) ?? request(step);
      const ahead = Math.min(step + prefetch, steps - 1);
      for (let next = step + 1; next <= ahead; next++) if (!expected.has(next)) request(next);
      wanted.waiters++;
      holdOpen(1);
      try {
        const batch = await wanted.promise;
        wait = { batches: wait.batches + 1, seconds: wait.seconds + (performance.now() - start) / 1000 };
        return batch;
      } finally {
        wanted.waiters--;
        holdOpen(-1);
        // The same step may have been asked for anew since; that request stays.
        if (expected.get(step) === wanted) expected.delete(step);
      }
    },
    async close() {
      fail(closedError());
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
