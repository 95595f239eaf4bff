import { VesaliusError } from "../../common/errors.ts";
import { restoreError } from "../../common/portable-error.ts";
import { startWorker } from "../../common/worker.node.ts";
import type { Column } from "../column.ts";
import type { ReferencesColumn } from "../columns/references.ts";
import { columnNamed } from "../dataset/rows.ts";
import type { Batch, Batches, FeedPlan } from "../feeds.ts";
import type { Split } from "../split.ts";
import {
  type BatchesOptions,
  batchesOf,
  closedError,
  inThreadBatches,
  type OrderedBatches,
  orderBatches,
} from "./batches.ts";
import { builtInFeeds } from "./feed-catalogues.ts";
import type { BatchAnswer, BatchRequest, BatchWork } from "./worker-messages.ts";

/** A batch on its way. */
interface Expected {
  /** Callers that wait for it now. */
  waiters: number;
  readonly promise: Promise<Batch>;
  readonly resolve: (batch: Batch) => void;
  readonly reject: (error: VesaliusError) => void;
}

function expectBatch(): Expected {
  let resolve!: Expected["resolve"];
  let reject!: Expected["reject"];
  const promise = new Promise<Batch>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // A failed batch that was prepared ahead and is never asked for must not end the process.
  promise.catch(() => {});
  return { waiters: 0, promise, resolve, reject };
}

const withoutNames = (column: ReferencesColumn): ReferencesColumn => ({
  ...column,
  entries: { ...column.entries, ids: [], groups: undefined, attributes: {} },
});

/** A column without the names of the table that it refers to. */
const unnamed = (column: Column): Column =>
  column.kind === "references" ? withoutNames(column as ReferencesColumn) : column;

/** What a thread needs of a split and a plan: the columns that the parts read, and nothing that names a patient. */
function workOf(split: Split, plan: FeedPlan, { buckets }: OrderedBatches): BatchWork {
  const names = new Set(Object.values(plan.parts).flatMap(({ columns }) => columns));
  // What references lead to is looked up here, so that a thread gets the texts and not the table.
  const columns = Object.fromEntries([...names].map((name) => [name, unnamed(columnNamed(split, name))]));
  const { parts, together, seed } = plan;
  return {
    split: { name: split.name, columns },
    plan: { parts, seed, ...(together === undefined ? {} : { together }) },
    buckets,
  };
}

/** Batches made on worker threads, ahead of the step that is asked for. */
function threadedBatches(
  split: Split,
  plan: FeedPlan,
  ordered: OrderedBatches,
  workers: number,
  prefetch: number,
): Batches {
  const { order } = ordered;
  const expected = new Map<number, Expected>();
  let failure: VesaliusError | undefined;
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
  const workerData = workOf(split, plan, ordered);
  const threads = Array.from({ length: workers }, () => {
    const thread = startWorker("./batch-worker.node", import.meta.url, workerData);
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
    const { rows, bucket } = order.at(step);
    const batch = expectBatch();
    expected.set(step, batch);
    threads[step % workers]!.postMessage({ step, rows, bucket } satisfies BatchRequest, []);
    return batch;
  };
  // After a jump (a resumed run) what was prepared before will not be asked for again, unless somebody waits for it.
  const forgetOutside = (step: number): void => {
    for (const [other, { waiters }] of expected)
      if (waiters === 0 && (other < step || other > step + prefetch)) expected.delete(other);
  };
  const holdOpen = (change: 1 | -1): void => {
    waiting += change;
    for (const thread of threads) {
      if (waiting > 0) thread.ref();
      else thread.unref();
    }
  };

  async function next(step: number): Promise<Batch> {
    if (failure) throw failure;
    if (!expected.has(step)) forgetOutside(step);
    const wanted = expected.get(step) ?? request(step);
    const ahead = Math.min(step + prefetch, order.steps - 1);
    for (let later = step + 1; later <= ahead; later++) if (!expected.has(later)) request(later);
    wanted.waiters++;
    holdOpen(1);
    try {
      return await wanted.promise;
    } finally {
      wanted.waiters--;
      holdOpen(-1);
      // The same step may have been asked for anew since; that request stays.
      if (expected.get(step) === wanted) expected.delete(step);
    }
  }

  return batchesOf(
    ordered,
    (step) => next(step),
    async () => {
      fail(closedError());
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  );
}

/**
 * Batches of a split by a plan, prepared ahead on worker threads. A step gives the same batch whenever and wherever it is
 * asked for, with any number of threads.
 *
 * Errors of a thread (a damaged image file) reject the `batch` call of their step. `close` ends the threads; a program
 * that forgets it still exits. Plans that name a program's own encoders are carried out on its thread.
 *
 * @param options.workers threads, 1 by default
 * @throws VesaliusError `bad-argument` for an empty split, `bad-data` for columns that the plan cannot read or values
 * that are missing, `bad-configuration` for names and settings that no catalogue holds
 */
export async function batches(split: Split, plan: FeedPlan, options: BatchesOptions = {}): Promise<Batches> {
  const { workers = 1, prefetch = 4, catalogues = builtInFeeds } = options;
  const ordered = await orderBatches(split, plan, catalogues);
  return workers === 0 || catalogues !== builtInFeeds
    ? inThreadBatches(ordered)
    : threadedBatches(split, plan, ordered, workers, prefetch);
}
