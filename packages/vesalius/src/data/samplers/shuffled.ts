import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { trainingOrder } from "../loaders/batch-order.ts";
import { bucketedOrder } from "./bucketed.ts";
import type { Sampler } from "./sampler.ts";

const sampler = (shuffle: boolean): Sampler => ({
  order({ split, seed, rows, bucketOf }) {
    if (bucketOf !== undefined && rows.length > 1) return bucketedOrder(bucketOf, rows, seed, shuffle);
    const order = trainingOrder(split.length, rows.at(-1)!, seed, shuffle);
    return { ...order, at: (step) => ({ rows: order.indices(step), bucket: rows.length - 1 }) };
  },
});

/** A new order of all examples in every epoch. */
export const shuffled = entry({
  name: "shuffled",
  summary: "Every example once an epoch, in a new order each time.",
  settings: z.strictObject({}),
  create: () => sampler(true),
});

/** The order of the split in every epoch. */
export const inOrder = entry({
  name: "inOrder",
  summary: "Every example once an epoch, in the order of the split.",
  settings: z.strictObject({}),
  create: () => sampler(false),
});
