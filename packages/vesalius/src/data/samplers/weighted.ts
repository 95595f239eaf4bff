import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { randomStream } from "../../common/random.ts";
import type { ClassesColumn } from "../columns/classes.ts";
import { checkStep } from "../loaders/batch-order.ts";
import type { Sampler } from "./sampler.ts";

/**
 * Draws examples with replacement so that rare classes are seen more often: the chance of a class is proportional to
 * `count ^ power`, equal for all with power 0 (as PyTorch's `WeightedRandomSampler` with inverse frequencies), as in the
 * data with power 1. Batches have the largest shape.
 */
export const weighted = entry({
  name: "weighted",
  summary: "Draws with replacement; rare classes come as often as common ones, or anything between.",
  settings: z.strictObject({
    /** Column of classes that are balanced. */
    column: z.string().default("label"),
    /** 0 makes classes equally frequent, 1 leaves them as they are. */
    power: z.number().min(0).max(1).default(0),
  }),
  create: ({ column, power }): Sampler => ({
    order({ split, seed, rows }) {
      const classes = split.columns[column];
      if (classes?.kind !== "classes")
        throw new VesaliusError("bad-configuration", `there is no column ${column} of classes to balance`, {
          where: split.name,
          fix: `choose another column for the sampler (there are ${Object.keys(split.columns).join(", ")})`,
        });
      const members = new Map<number, number[]>();
      (classes as ClassesColumn).values.forEach((label, row) => {
        if (classes.present?.[row] === 0) return;
        const known = members.get(label);
        if (known === undefined) members.set(label, [row]);
        else known.push(row);
      });
      const groups = [...members.values()];
      const chances = groups.map(({ length }) => length ** power);
      const total = chances.reduce((sum, chance) => sum + chance, 0);
      const size = rows.at(-1)!;
      const stepsPerEpoch = Math.max(1, Math.floor(split.length / size));
      return {
        stepsPerEpoch,
        steps: Number.POSITIVE_INFINITY,
        at(step) {
          checkStep(step, Number.POSITIVE_INFINITY);
          const stream = randomStream(seed, "weighted", step);
          const drawn = Int32Array.from({ length: size }, () => {
            let rest = stream.uniform() * total;
            let group = 0;
            while (group < groups.length - 1 && rest >= chances[group]!) rest -= chances[group++]!;
            return groups[group]![stream.integer(groups[group]!.length)]!;
          });
          return { rows: drawn, bucket: rows.length - 1 };
        },
      };
    },
  }),
});
