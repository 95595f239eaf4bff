import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { checkStep } from "../loaders/batch-order.ts";
import type { Sampler, StepRows } from "./sampler.ts";

/** Examples within which batches are grouped by shape, so that results come in order after a bounded wait. */
const window = 2048;

/** One pass over the split, for prediction; the last batch of each shape holds what is left. */
export const onePass = entry({
  name: "onePass",
  summary: "Every example once and in order, as far as batches of one shape allow.",
  settings: z.strictObject({}),
  create: (): Sampler => ({
    order({ split: { length }, rows, bucketOf }) {
      const batches: StepRows[] = [];
      for (let start = 0; start < length; start += bucketOf === undefined ? length : window) {
        const end = bucketOf === undefined ? length : Math.min(length, start + window);
        const members = rows.map((): number[] => []);
        for (let row = start; row < end; row++) members[bucketOf?.[row] ?? rows.length - 1]!.push(row);
        for (const [bucket, all] of members.entries())
          for (let i = 0; i < all.length; i += rows[bucket]!)
            batches.push({ rows: Int32Array.from(all.slice(i, i + rows[bucket]!)), bucket });
      }
      return {
        stepsPerEpoch: batches.length,
        steps: batches.length,
        at(step) {
          checkStep(step, batches.length);
          return batches[step]!;
        },
      };
    },
  }),
});
