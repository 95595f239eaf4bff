import { z } from "zod";
import type { Reference } from "../columns/references.ts";
import { encoderEntry } from "./encoder.ts";

/** The row that stands for an example where one is chosen: the first of the highest grade; -1 where there is none. */
function chosenRow({ rows, grades }: Reference): number {
  let best = -1;
  grades.forEach((grade, i) => {
    if (best < 0 || grade > grades[best]!) best = i;
  });
  return best < 0 ? -1 : rows[best]!;
}

/**
 * Which of the entries that a batch's examples are paired with belong to which example: `related` float32 `[rows, rows]`,
 * 1 where the entry of the second index's example (the first reference of the highest grade, as `column.text` reads it) is
 * one that the first index's example refers to with a grade above 0. Contrast must not push those apart.
 */
export const relevance = encoderEntry({
  name: "relevance",
  summary: "Which entries of a table that stand in one batch belong to which of its examples.",
  settings: z.strictObject({}),
  create: () => ({
    reads: [["references"]],
    inputs: (rows) => ({ related: { dtype: "float32", shape: [rows, rows] } }),
    encode(examples, { related }) {
      const width = Math.round(Math.sqrt(related!.length));
      const chosen = examples.map((values) => (values === null ? -1 : chosenRow(values[0] as Reference)));
      examples.forEach((values, row) => {
        if (values === null) return;
        const { rows, grades } = values[0] as Reference;
        const own = new Set(rows.filter((_, i) => grades[i]! > 0));
        chosen.forEach((entry, column) => {
          if (own.has(entry)) related![row * width + column] = 1;
        });
      });
    },
  }),
});
