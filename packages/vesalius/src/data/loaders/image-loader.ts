import { VesaliusError } from "../../common/errors.ts";
import type { ImageBatches, ImageSplit } from "../image-dataset.ts";
import { batchMaker } from "./batch-maker.ts";
import { planOrder, sequentialPlan, trainingPlan } from "./batch-plan.ts";
import type { BatchPlan, ImageLoaderOptions, SequentialLoaderOptions } from "./batch-plan.ts";
import { memoryRowReader } from "./row-reader.ts";
import type { RowReader } from "./row-reader.ts";

/** How long callers have waited for batches: near zero where preparing them keeps up with using them. */
export interface WaitStatistics {
  /** Batches handed out. */
  readonly batches: number;
  /** Seconds between asking for them and having them, together. */
  readonly seconds: number;
}

/** Batches of images with the time that was spent waiting for them. */
export interface ImageLoader extends ImageBatches {
  readonly wait: WaitStatistics;
}

/** Error of a loader that is asked for a batch after it was closed. */
export function closedError(): VesaliusError {
  return new VesaliusError("bad-argument", "the loader is closed", { fix: "make a new loader" });
}

/** Carries out a plan on the caller's thread. */
export function inThreadLoader(plan: BatchPlan, readRows: RowReader): ImageLoader {
  const make = batchMaker(plan, readRows);
  let wait: WaitStatistics = { batches: 0, seconds: 0 };
  let closed = false;
  return {
    batchSize: plan.batchSize,
    stepsPerEpoch: planOrder(plan).stepsPerEpoch,
    get wait() {
      return wait;
    },
    async batch(step) {
      if (closed) throw closedError();
      const start = performance.now();
      const batch = await make(step);
      wait = { batches: wait.batches + 1, seconds: wait.seconds + (performance.now() - start) / 1000 };
      return batch;
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

/**
 * Batches for training: shuffled by seed and epoch, transformed, normalised. A step gives the same batch whenever and
 * wherever it is asked for. This is the loader of browsers, on the caller's thread; the Node entry has the same
 * function with worker threads, and both give the same bits.
 *
 * Only whole batches are used: an epoch has floor(length / batchSize) steps, and the rest of its permutation is left
 * for other epochs. A split smaller than the batch is walked epoch after epoch without a gap, so training with 20
 * labels and a batch of 64 works; an image then occurs several times in a batch.
 *
 * @throws VesaliusError `bad-argument` for options that do not fit, an empty split, or image files outside Node.
 */
export function imageLoader(split: ImageSplit, options: ImageLoaderOptions): ImageLoader {
  return inThreadLoader(trainingPlan(split, options).plan, memoryRowReader(split.images));
}

/**
 * Batches for evaluation: one pass in the split's order, no transforms. The last batch is padded with copies of its
 * last image, whose labels and indices are -1 and which `size` does not count.
 *
 * @throws VesaliusError `bad-argument` for options that do not fit, for steps past the end, or image files outside Node.
 */
export function sequentialLoader(split: ImageSplit, options: SequentialLoaderOptions): ImageLoader {
  return inThreadLoader(sequentialPlan(split, options).plan, memoryRowReader(split.images));
}
