import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { eachPlace, placesOf } from "../volumes/grids.ts";
import type { ExampleTransform } from "./moved.ts";
import { gridKinds, gridOf, withGrid } from "./spatial.ts";

/** Index of the n-th place that is no background. */
function foregroundIndex(
  data: ArrayLike<number>,
  extents: readonly number[],
  n: number,
): readonly number[] | undefined {
  let left = n;
  let found: readonly number[] | undefined;
  eachPlace(extents, (index, place) => {
    if (data[place] === 0 || found !== undefined) return;
    if (left-- === 0) found = [...index];
  });
  return found;
}

/** Patches of images or volumes and their masks, some of them around a place of a structure (nnU-Net's oversampling). */
export const balancedPatch = entry({
  name: "balancedPatch",
  summary: "A patch of an image or volume and its mask; with a stated chance it shows a structure.",
  settings: z.strictObject({
    /** Extents of the patch. */
    size: z.array(z.int().positive()).min(2).max(3),
    /** Chance that the patch is centred on a place of a structure, where the example has one. */
    foreground: z.number().min(0).max(1).default(0.33),
  }),
  create: ({ size, foreground }): ExampleTransform => ({
    kinds: gridKinds,
    draw(values, random) {
      const { extents } = gridOf(values[0]!);
      if (size.length !== extents.length)
        throw new VesaliusError(
          "bad-configuration",
          `a patch of ${size.join(" x ")} of values with ${extents.length} axes`,
          {
            where: "balancedPatch.size",
            fix: "give one extent for each axis",
          },
        );
      const mask = values.find(({ kind }) => kind === "masks");
      const centred = random.uniform() < foreground && mask !== undefined;
      let target: readonly number[] | undefined;
      if (centred) {
        const { data } = gridOf(mask);
        const count = data.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
        if (count > 0) target = foregroundIndex(data, extents, random.integer(count));
      }
      const start = extents.map((extent, axis) => {
        const room = Math.max(0, extent - size[axis]!);
        const drawn = random.integer(room + 1);
        return target === undefined ? drawn : Math.min(Math.max(target[axis]! - (size[axis]! >> 1), 0), room);
      });
      return (moved) => {
        const grid = gridOf(moved);
        const box = grid.extents.map((extent, axis) => Math.min(extent, size[axis]!));
        const [before, after] = [placesOf(grid.extents), placesOf(box)];
        const data = new Float32Array(grid.channels * after);
        eachPlace(box, (index, place) => {
          let from = 0;
          for (let axis = 0; axis < box.length; axis++) from = from * grid.extents[axis]! + start[axis]! + index[axis]!;
          for (let channel = 0; channel < grid.channels; channel++)
            data[channel * after + place] = grid.data[channel * before + from]!;
        });
        return withGrid(moved, { channels: grid.channels, extents: box, data });
      };
    },
  }),
});
