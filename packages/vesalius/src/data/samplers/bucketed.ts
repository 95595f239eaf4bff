import { randomStream } from "../../common/random.ts";
import { checkStep, epochRows, latestEpoch, trainingOrder } from "../loaders/batch-order.ts";
import type { BatchOrder, StepRows } from "./sampler.ts";

/** Batches of one epoch: whole ones of each bucket, what is left of a bucket joins the next larger one. */
function epochBatches(order: Int32Array, bucketOf: Int32Array, rows: readonly number[]): StepRows[] {
  const waiting = rows.map((): number[] => []);
  for (const row of order) waiting[bucketOf[row]!]!.push(row);
  const batches: StepRows[] = [];
  let left: number[] = [];
  for (const [bucket, members] of waiting.entries()) {
    const all = [...left, ...members];
    const size = rows[bucket]!;
    const whole = Math.floor(all.length / size);
    for (let i = 0; i < whole; i++)
      batches.push({ rows: Int32Array.from(all.slice(i * size, (i + 1) * size)), bucket });
    left = all.slice(whole * size);
  }
  return batches;
}

/**
 * Training order over buckets of different shapes. Every epoch draws a permutation from seed and epoch, groups it by
 * bucket, and shuffles the batches, so that a step means one batch and resuming needs no state. What fills no batch of
 * the largest bucket waits for another epoch.
 *
 * @param bucketOf smallest bucket that each example fits in, `[length]`
 * @param rows rows of a batch of each bucket, smallest extents first
 */
export function bucketedOrder(
  bucketOf: Int32Array,
  rows: readonly number[],
  seed: number,
  shuffle: boolean,
): BatchOrder {
  const { length } = bucketOf;
  const permutation = (epoch: number): Int32Array => epochRows(length, seed, shuffle, epoch);
  // How many batches there are does not depend on the order, only on how many examples each bucket holds.
  const stepsPerEpoch = epochBatches(permutation(0), bucketOf, rows).length;
  if (stepsPerEpoch === 0) {
    // Too few examples for any batch: walk through them without a gap at the largest shape.
    const order = trainingOrder(length, rows.at(-1)!, seed, shuffle);
    return { ...order, at: (step) => ({ rows: order.indices(step), bucket: rows.length - 1 }) };
  }
  const batchesOf = latestEpoch((epoch): readonly StepRows[] => {
    const batches = epochBatches(permutation(epoch), bucketOf, rows);
    if (!shuffle) return batches;
    return Array.from(randomStream(seed, "batches", epoch).permutation(batches.length), (i) => batches[i]!);
  });
  return {
    stepsPerEpoch,
    steps: Number.POSITIVE_INFINITY,
    at(step) {
      checkStep(step, Number.POSITIVE_INFINITY);
      return batchesOf(Math.floor(step / stepsPerEpoch))[step % stepsPerEpoch]!;
    },
  };
}
