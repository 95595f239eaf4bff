import { z } from "zod";
import type { Mask } from "../columns/masks.ts";
import { centredCopy, extentsAt, placesOf, resampled } from "../volumes/grids.ts";
import { encoderEntry } from "./encoder.ts";
import type { PreparedVolume } from "./voxels.ts";

/** Masks as classes of every place: `classes` int32 `[rows, ...extents]`; what is padded is background. */
export const classMap = encoderEntry({
  name: "classMap",
  summary: "The class of every pixel or voxel, on the grid that the network reads.",
  settings: z.strictObject({
    /** Extents that the network reads: `[height, width]` or `[slices, rows, columns]`. */
    extents: z.array(z.int().positive()).min(2).max(3),
    /** Millimetres to which every mask is brought, as its volume. */
    spacing: z.array(z.number().positive()).optional(),
    /** Whether masks of images are resized to the extents, as the images are; volumes are cut or padded. */
    resize: z.boolean().default(false),
    /** Classes that the data do not annotate: places that show them are not learned from (-1). */
    ignore: z.array(z.int().nonnegative()).default([]),
  }),
  create({ extents: window, spacing, resize, ignore }) {
    const size = placesOf(window);
    const ignored = new Set(ignore);
    return {
      reads: [["masks"]],
      inputs: (rows) => ({ classes: { dtype: "int32", shape: [rows, ...window] } }),
      prepare([value]) {
        const mask = value as Mask;
        const own = mask.spacing ?? mask.extents.map(() => 1);
        const extents = resize ? window : spacing === undefined ? mask.extents : extentsAt(mask.extents, own, spacing);
        const grid = resampled(
          { channels: 1, extents: mask.extents, data: Float32Array.from(mask.data) },
          extents,
          "nearest",
        );
        return [{ ...grid, spacing: spacing ?? own } satisfies PreparedVolume];
      },
      encode(examples, { classes: into }) {
        examples.forEach((values, row) => {
          if (values === null) return;
          const { data, extents } = values[0] as PreparedVolume;
          const target = (into as Int32Array).subarray(row * size, (row + 1) * size);
          centredCopy(data, extents, target, window, 1);
          if (ignored.size > 0) target.forEach((value, i) => ignored.has(value) && (target[i] = -1));
        });
      },
    };
  },
});
