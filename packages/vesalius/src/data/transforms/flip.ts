import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { eachPlace, placesOf } from "../volumes/grids.ts";
import type { ExampleTransform } from "./moved.ts";
import { gridKinds, gridOf, withGrid } from "./spatial.ts";

/** Mirror images of an example along some axes, images, volumes and masks alike. */
export const flip = entry({
  name: "flip",
  summary: "Mirror images along some axes; images, volumes and masks move together.",
  settings: z.strictObject({
    /** Axes counted from the first spatial one; all of them where they are left out. */
    axes: z.array(z.int().min(0).max(2)).optional(),
    /** Chance for each axis. */
    probability: z.number().min(0).max(1).default(0.5),
  }),
  create: ({ axes, probability }): ExampleTransform => ({
    kinds: gridKinds,
    draw(values, random) {
      const rank = gridOf(values[0]!).extents.length;
      const flipped = (axes ?? Array.from({ length: rank }, (_, axis) => axis)).filter(
        () => random.uniform() < probability,
      );
      return (moved) => {
        if (flipped.length === 0) return moved.value;
        const { channels, extents, data } = gridOf(moved);
        const size = placesOf(extents);
        const result = new Float32Array(data.length);
        eachPlace(extents, (index, place) => {
          let from = 0;
          for (let axis = 0; axis < index.length; axis++) {
            const at = flipped.includes(axis) ? extents[axis]! - 1 - index[axis]! : index[axis]!;
            from = from * extents[axis]! + at;
          }
          for (let channel = 0; channel < channels; channel++)
            result[channel * size + place] = data[channel * size + from]!;
        });
        return withGrid(moved, { channels, extents, data: result });
      };
    },
  }),
});
