import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import type { ExampleTransform } from "./moved.ts";

/** Leaves modalities of an example out at random, never all of them, so that a network learns to do without. */
export const dropModality = entry({
  name: "dropModality",
  summary: "Leaves parts of an example out at random, never all of them.",
  settings: z.strictObject({
    /** Chance of each part. */
    rate: z.number().min(0).max(1).default(0.2),
    /** Parts that may be left out: those that the network can do without. */
    parts: z.array(z.string()).min(2),
  }),
  create: ({ rate, parts }): ExampleTransform => ({
    kinds: ["*"],
    draw(values, random) {
      const there = values.map(({ part }) => part).filter((part) => parts.includes(part));
      const dropped = there.filter(() => random.uniform() < rate);
      // Which one stays is drawn too, or the last one would be seen alone more often than the others.
      if (there.length > 0 && dropped.length === there.length) dropped.splice(random.integer(dropped.length), 1);
      return (moved) => (dropped.includes(moved.part) ? null : moved.value);
    },
  }),
});
