import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { textsColumn } from "../columns/texts.ts";
import { columnOf, readExamples } from "../dataset/rows.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { DatasetStep } from "./step.ts";

const settingsSchema = z.strictObject({
  /** Column of the references. */
  column: z.string().default("relevant"),
  /** Column of the table that they lead to, of texts. */
  of: z.string().default("text"),
  /** Column that the text becomes. */
  as: z.string().min(1),
});

/**
 * Takes the text that an example refers to first (the answer of a question, say) into a column of its own, so that a network
 * can learn to write it. An example that refers to nothing has none.
 */
export const referenced = entry({
  name: "referenced",
  summary: "Takes the text of the first entry that an example refers to into a column of its own.",
  settings: settingsSchema,
  create:
    ({ column, of, as }): DatasetStep =>
    async (split) => {
      const { entries } = columnOf(split, column, "references");
      columnOf(entries, of, "texts");
      if (Object.hasOwn(split.columns, as))
        throw new VesaliusError("bad-configuration", `there is a column ${as} already`, {
          where: `step referenced, split ${split.name}`,
          fix: "give another name (as)",
        });
      const name = `${column}.${of}`;
      const rows = Array.from({ length: split.length }, (_, row) => row);
      const texts = (await readExamples(split, [name], rows)).map((example) => example[name] as string | null);
      return {
        split: { ...split, columns: { ...split.columns, [as]: textsColumn(texts) } },
        counts: { examples: split.length, withoutReference: texts.filter((text) => text === null).length },
      };
    },
});
