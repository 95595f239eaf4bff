import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { groupBy } from "../../common/group-by.ts";
import { randomStream, type RandomStream } from "../../common/random.ts";
import { checkStep, latestEpoch } from "../loaders/batch-order.ts";
import type { Sampler } from "./sampler.ts";

/** Rows of each group in a drawn order, in pieces of at most `together`, the pieces in a drawn order. */
function drawnPieces(groups: readonly (readonly number[])[], together: number, random: RandomStream): number[][] {
  const pieces = groups.flatMap((rows) => {
    const order = Array.from(random.permutation(rows.length), (i) => rows[i]!);
    return Array.from({ length: Math.ceil(order.length / together) }, (_, i) =>
      order.slice(i * together, (i + 1) * together),
    );
  });
  return Array.from(random.permutation(pieces.length), (i) => pieces[i]!);
}

/**
 * Puts examples of one group (a topic, a patient, a family) next to each other, so that a batch holds several of each and a
 * contrast has to tell apart what is alike. Every example comes once an epoch; what fills no last batch waits for another
 * epoch. Batches have the largest shape.
 */
export const grouped = entry({
  name: "grouped",
  summary: "Every example once an epoch, several of a group in one batch: a contrast then tells apart what is alike.",
  paper: "Hofstätter et al. 2021, Efficiently Teaching an Effective Dense Retriever with Balanced Topic Aware Sampling",
  settings: z.strictObject({
    /** Most examples of a group that stand together. */
    together: z.int().min(2).default(4),
  }),
  create: ({ together }): Sampler => ({
    order({ split, seed, rows }) {
      if (split.groups === undefined)
        throw new VesaliusError("bad-configuration", "there are no groups whose examples could stand together", {
          where: `split ${split.name}`,
          fix: "name the column of groups when opening the data (groupColumn), or choose another sampler",
        });
      const { groups: names } = split;
      const groups = [...groupBy([...names.keys()], (row) => names[row]!).values()];
      const size = Math.min(rows.at(-1)!, split.length);
      const stepsPerEpoch = Math.max(1, Math.floor(split.length / size));
      const orderOf = latestEpoch((epoch) =>
        drawnPieces(groups, together, randomStream(seed, "grouped", epoch)).flat(),
      );
      return {
        stepsPerEpoch,
        steps: Number.POSITIVE_INFINITY,
        at(step) {
          checkStep(step, Number.POSITIVE_INFINITY);
          const start = (step % stepsPerEpoch) * size;
          const drawn = orderOf(Math.floor(step / stepsPerEpoch)).slice(start, start + size);
          return { rows: Int32Array.from(drawn), bucket: rows.length - 1 };
        },
      };
    },
  }),
});
