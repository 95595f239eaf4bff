import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { randomStream } from "../../common/random.ts";
import { checkStep, latestEpoch } from "../loaders/batch-order.ts";
import type { Sampler } from "./sampler.ts";

/** Rows of an epoch: shards in a drawn order, and from a buffer that they flow through one row at random after the other. */
export function shardedRows(length: number, shard: number, buffer: number, seed: number, epoch: number): Int32Array {
  const random = randomStream(seed, "sharded", epoch);
  const shards = random.permutation(Math.ceil(length / shard));
  const order = new Int32Array(length);
  const held = new Int32Array(Math.min(buffer, length));
  let [filled, written] = [0, 0];
  for (const one of shards)
    for (let row = one * shard; row < Math.min(length, (one + 1) * shard); row++) {
      if (filled < held.length) held[filled++] = row;
      else {
        const drawn = random.integer(filled);
        order[written++] = held[drawn]!;
        held[drawn] = row;
      }
    }
  while (filled > 0) {
    const drawn = random.integer(filled);
    order[written++] = held[drawn]!;
    held[drawn] = held[--filled]!;
  }
  return order;
}

/**
 * Every example once an epoch, nearly at random, while neighbours are read soon after each other: shards of neighbours in a
 * drawn order flow through a buffer from which examples are drawn (as WebDataset and Hugging Face's streaming datasets do). The
 * order follows from seed and epoch alone, so that a step is found again without a state.
 */
export const sharded = entry({
  name: "sharded",
  summary: "Every example once an epoch, shuffled by shards and in a buffer: for corpora that are read from files.",
  settings: z.strictObject({
    /** Examples of a shard. */
    shard: z.int().positive().default(2048),
    /** Examples that the next one is drawn from. */
    buffer: z.int().positive().default(8192),
  }),
  create: ({ shard, buffer }): Sampler => ({
    order({ split: { length }, seed, rows }) {
      const size = Math.min(rows.at(-1)!, length);
      const stepsPerEpoch = Math.max(1, Math.floor(length / size));
      const orderOf = latestEpoch((epoch) => shardedRows(length, shard, buffer, seed, epoch));
      return {
        stepsPerEpoch,
        steps: Number.POSITIVE_INFINITY,
        at(step) {
          checkStep(step, Number.POSITIVE_INFINITY);
          const start = (step % stepsPerEpoch) * size;
          return {
            rows: orderOf(Math.floor(step / stepsPerEpoch)).slice(start, start + size),
            bucket: rows.length - 1,
          };
        },
      };
    },
  }),
});
