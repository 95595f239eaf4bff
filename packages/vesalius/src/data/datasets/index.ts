import { z } from "zod";
import { catalogue, entry } from "../../common/catalogue.ts";
import { classesColumn } from "../columns/classes.ts";
import { imagesColumn } from "../columns/images.ts";
import type { ImageSplit } from "../image-dataset.ts";
import type { MemoryImages } from "../image-source.ts";
import type { Dataset, Split } from "../split.ts";
import { syntheticRadiographs } from "./synthetic-radiographs.ts";

const count = z.strictObject({
  train: z.int().positive().default(1600),
  validation: z.int().nonnegative().default(400),
  test: z.int().nonnegative().default(0),
});

/** Images and classes as columns. */
function withColumns(
  { name, length, ids, groups, attributes, images, labels }: ImageSplit,
  names: readonly string[],
): Split {
  const { pixels, channels, height, width } = images as MemoryImages;
  return {
    name,
    length,
    ids,
    groups,
    attributes,
    columns: {
      image: imagesColumn(pixels, { channels, height, width }),
      label: classesColumn(names, labels!),
    },
  };
}

/** Data that a program draws, by name; they need no file and can be had anywhere. */
export const generators = catalogue("generator", [
  entry({
    name: "synthetic-radiographs",
    summary: "Chest radiographs drawn by a program, some with soft shadows in the lungs.",
    settings: z.strictObject({
      count: count.prefault({}),
      /** Height and width in pixels. */
      imageSize: z.int().min(16).max(256).default(28),
      seed: z.int().nonnegative().default(0),
    }),
    create(settings): Dataset {
      const { card, labels, train, validation, test } = syntheticRadiographs(settings);
      const splits = [train, validation, test].flatMap((split) =>
        split === undefined || split.length === 0 ? [] : [[split.name, withColumns(split, labels)] as const],
      );
      return { name: card.name, card, unit: "images", splits: Object.fromEntries(splits), tables: {} };
    },
  }),
]);
