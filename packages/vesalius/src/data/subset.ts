import { VesaliusError } from "../common/errors.ts";
import type { ImageSplit } from "./image-dataset.ts";
import { gatherImages } from "./image-source.ts";

/**
 * The images at `indices` as a split of its own, in that order. Labels, groups, attributes and ids follow.
 *
 * @param indices Positions in `split`, each in [0, split.length).
 * @throws VesaliusError `bad-argument` for a position outside the split.
 */
export function subset(split: ImageSplit, indices: ArrayLike<number>): ImageSplit {
  const rows = Array.from(indices);
  const outside = rows.find((row) => !Number.isInteger(row) || row < 0 || row >= split.length);
  if (outside !== undefined) {
    throw new VesaliusError("bad-argument", `there is no image ${outside} in a split of ${split.length}`, {
      where: split.name,
    });
  }
  const take = <Value>(column: readonly Value[]): Value[] => rows.map((row) => column[row]!);
  return {
    name: split.name,
    length: rows.length,
    ids: take(split.ids),
    labels: split.labels && Int32Array.from(rows, (row) => split.labels![row]!),
    groups: split.groups && take(split.groups),
    attributes: Object.fromEntries(Object.entries(split.attributes).map(([name, column]) => [name, take(column)])),
    images: gatherImages(split.images, rows),
    fingerprints: split.fingerprints && take(split.fingerprints),
  };
}
