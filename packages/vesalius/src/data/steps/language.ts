import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { isPresent } from "../columns/storage.ts";
import { columnOf, takeRows } from "../dataset/rows.ts";
import { languageDetector } from "../text/detect-language.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { DatasetStep } from "./step.ts";

const settingsSchema = z.strictObject({
  /** Column of the texts. */
  column: z.string().default("text"),
  /** Codes of the languages to keep, ISO 639-3: `eng`, `cmn`, `spa`. All are kept where it is left out. */
  keep: z
    .array(z.string().regex(/^[a-z]{3}$/, "is no code of three letters, such as eng or cmn"))
    .min(1)
    .optional(),
  /** Whether texts too short to tell are kept. */
  keepUnknown: z.boolean().default(true),
  /** Attribute under which the language of each text is kept, for subgroups. */
  attribute: z.string().min(1).default("language"),
});

/**
 * Finds the language of each text by its letters and trigrams (franc), keeps it as an attribute, and leaves out texts of other
 * languages where it is told which to keep.
 */
export const language = entry({
  name: "language",
  summary: "Finds the language of each text; keeps those of some languages.",
  paper: "Cavnar and Trenkle 1994, N-Gram-Based Text Categorization",
  settings: settingsSchema,
  create:
    ({ column: name, keep, keepUnknown, attribute }): DatasetStep =>
    async (split) => {
      const column = columnOf(split, name, "texts");
      const detect = await languageDetector();
      const found = column.values.map((text, row) => (isPresent(column, row) ? detect(text) : undefined));
      const rows = Array.from({ length: split.length }, (_, row) => row).filter((row) => {
        const code = found[row];
        return keep === undefined || (code === undefined ? keepUnknown : keep.includes(code));
      });
      if (rows.length === 0)
        throw new VesaliusError("bad-data", `none of ${split.length} texts is of a language that is kept`, {
          where: `step language, split ${split.name}`,
          fix: `correct keep; codes are ISO 639-3: eng, cmn, spa, deu`,
        });
      const counts = { texts: split.length, leftOut: split.length - rows.length, unknown: 0 };
      const byLanguage = new Map<string, number>();
      for (const code of found)
        if (code === undefined) counts.unknown++;
        else byLanguage.set(code, (byLanguage.get(code) ?? 0) + 1);
      const most = [...byLanguage].sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1)).slice(0, 5);
      const attributed = {
        ...split,
        attributes: { ...split.attributes, [attribute]: found.map((code) => code ?? null) },
      };
      return { split: takeRows(attributed, rows), counts: { ...counts, ...Object.fromEntries(most) } };
    },
});
