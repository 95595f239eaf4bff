import type { ImageSplit } from "../image-dataset.ts";
import { sequentialPlan, trainingPlan } from "./batch-plan.ts";
import type { BatchPlan, ImageLoaderOptions, SequentialLoaderOptions, Threads } from "./batch-plan.ts";
import { inThreadLoader } from "./image-loader.ts";
import type { ImageLoader } from "./image-loader.ts";
import { rowReader } from "./row-reader.node.ts";
import { workerLoader } from "./worker-loader.node.ts";

function nodeLoader({ plan, threads }: { plan: BatchPlan; threads: Threads }): ImageLoader {
  return threads.workers === 0 ? inThreadLoader(plan, rowReader(plan.images)) : workerLoader(plan, threads);
}

/**
 * Batches for training: shuffled by seed and epoch, transformed, normalised, prepared ahead on worker threads. A step
 * gives the same batch whenever and wherever it is asked for, with any number of threads.
 *
 * Only whole batches are used: an epoch has floor(length / batchSize) steps, and the rest of its permutation is left
 * for other epochs. A split smaller than the batch is walked epoch after epoch without a gap, so training with 20
 * labels and a batch of 64 works; an image then occurs several times in a batch.
 *
 * Errors of a thread (a damaged image file) reject the `batch` call of their step. `close` ends the threads; a program
 * that forgets it still exits.
 *
 * @throws VesaliusError `bad-argument` for options that do not fit or an empty split.
 *
 * @example
 * const batches = imageLoader(dataset.train, {
 *   batchSize: 128,
 *   seed: 7,
 *   transforms: [{ name: "randomResizedCrop", scale: [0.6, 1] }, { name: "randomFlip" }],
 *   mean: [0.5],
 *   std: [0.5],
 * });
 * const { images, labels } = await batches.batch(0);
 */
export function imageLoader(split: ImageSplit, options: ImageLoaderOptions): ImageLoader {
  return nodeLoader(trainingPlan(split, options));
}

/**
 * Batches for evaluation: one pass in the split's order, no transforms, prepared ahead on worker threads. The last
 * batch is padded with copies of its last image, whose labels and indices are -1 and which `size` does not count.
 *
 * @throws VesaliusError `bad-argument` for options that do not fit; from `batch` for steps past the end.
 */
export function sequentialLoader(split: ImageSplit, options: SequentialLoaderOptions): ImageLoader {
  return nodeLoader(sequentialPlan(split, options));
}
