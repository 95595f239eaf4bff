import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { CategoriesColumn } from "../columns/categories.ts";
import { encoderEntry, type Encoder } from "./encoder.ts";
import { levelMap, levelsOf, requirePlaces } from "./records/record-values.ts";

const settingsSchema = z.strictObject({
  /** Names of the categories, in order. */
  names: z.array(z.string()).min(1).optional(),
  /** Levels of each; level i of the training examples is fed as i + 1. */
  levels: z.array(z.array(z.string())).optional(),
});

/** Values of one example. */
interface PreparedCategories {
  readonly levels: Int32Array;
  /** Levels that the training examples do not have. */
  readonly unknown: number;
}

/**
 * Categories by the number of their level: `categories` int32 `[rows, names]`, 0 where one is missing or its level was
 * not among the training examples', which is counted as `unknownLevels`. Columns are matched by name, levels too.
 */
export const categories = encoderEntry({
  name: "categories",
  summary: "Levels of categories by number, 0 where one is missing or unknown.",
  settings: settingsSchema,
  create({ names, levels }): Encoder {
    if (names === undefined || levels?.length !== names.length)
      throw new VesaliusError(
        "bad-configuration",
        "names and levels of categories are not fitted, or not equally many",
        {
          fix: "fit the encoder on the training split first, or give both",
        },
      );
    const encoder: Encoder = {
      reads: [["categories"]],
      inputs: (rows) => ({ categories: { dtype: "int32", shape: [rows, names.length] } }),
      forColumns(columns) {
        const places = requirePlaces(names, columns);
        const maps = places.map(({ column, index }, i) =>
          levelMap((columns[column] as CategoriesColumn).levels[index]!, levels[i]!),
        );
        return {
          ...encoder,
          prepare(values) {
            let unknown = 0;
            const found = Int32Array.from(places, ({ column, index }, i) => {
              const level = (values[column] as Int32Array)[index]!;
              const known = level < 0 ? -1 : maps[i]![level]!;
              if (level >= 0 && known < 0) unknown++;
              return known + 1;
            });
            return [{ levels: found, unknown } satisfies PreparedCategories];
          },
        };
      },
      counts: ([prepared]) => ({ unknownLevels: (prepared as PreparedCategories).unknown }),
      encode(examples, { categories: into }) {
        examples.forEach((example, row) => {
          if (example !== null) into!.set((example[0] as PreparedCategories).levels, row * names.length);
        });
      },
    };
    return encoder;
  },
  fit(given, columns) {
    const known = levelsOf(columns);
    const names = given.names ?? Object.keys(known);
    requirePlaces(names, columns);
    return Promise.resolve({ names, levels: given.levels ?? names.map((name) => [...known[name]!]) });
  },
});
