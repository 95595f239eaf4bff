import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import type { ExampleTransform } from "./moved.ts";
import { gridOf, withGrid } from "./spatial.ts";
import { rangeSchema, uniformIn } from "./transform.ts";

/** Brightness, contrast and noise of volumes whose intensities are normalised; masks stay as they are. */
export const intensity = entry({
  name: "intensity",
  summary: "Brightness, contrast and noise of normalised volumes.",
  settings: z.strictObject({
    /** Factor of the distance from the mean. */
    contrast: rangeSchema(0, 10).default([0.75, 1.25]),
    /** Largest shift, in the unit of the normalised intensities. */
    brightness: z.number().nonnegative().default(0.1),
    /** Largest standard deviation of the noise, in that unit. */
    noise: z.number().nonnegative().default(0.1),
    probability: z.number().min(0).max(1).default(0.5),
  }),
  create: ({ contrast, brightness, noise, probability }): ExampleTransform => ({
    kinds: ["volumes"],
    draw(_values, random) {
      if (random.uniform() >= probability) return (moved) => moved.value;
      const factor = uniformIn(random, contrast[0], contrast[1]);
      const shift = uniformIn(random, -brightness, brightness);
      const deviation = uniformIn(random, 0, noise);
      return (moved) => {
        const { channels, extents, data } = gridOf(moved);
        const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
        const changed = data.map(
          (value) => mean + factor * (value - mean) + shift + (deviation === 0 ? 0 : deviation * random.normal()),
        );
        return withGrid(moved, { channels, extents, data: changed });
      };
    },
  }),
});
