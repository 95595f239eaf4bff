import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { isPresent } from "../columns/storage.ts";
import { spansColumn } from "../columns/spans.ts";
import { textsColumn } from "../columns/texts.ts";
import type { Split } from "../split.ts";
import { bestFit } from "./best-fit.ts";
import type { DatasetStep } from "./step.ts";
import { readMarkedTexts, requireNoOthers, shifted, wordCount } from "./texts.ts";

const settingsSchema = z.strictObject({
  /** Column of the texts. */
  column: z.string().default("text"),
  /** Most words of a joined text; one that is longer by itself stays alone. */
  length: z.int().positive(),
  /** Texts that follow each other, or whatever fills the length best (best-fit decreasing). */
  order: z.enum(["consecutive", "bestFit"]).default("consecutive"),
  /** What stands between two texts. */
  separator: z.string().min(1).default(" "),
  /** Whether texts of two groups (documents, patients) may be joined; the result has no groups then. */
  acrossGroups: z.boolean().default(false),
  /** Columns that are left out, since a joined text has no single value of them. */
  drop: z.array(z.string()).default([]),
});

/** Rows that are joined, from texts of one kind. */
function consecutive(rows: readonly number[], sizes: readonly number[], length: number): number[][] {
  const packs: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (used + sizes[row]! > length) {
      packs.push([]);
      used = 0;
    }
    packs.at(-1)!.push(row);
    used += sizes[row]!;
  }
  return packs;
}

/** The one value of several, null where they differ. */
const common = <Value>(values: readonly Value[]): Value | null =>
  values.every((value) => value === values[0]) ? values[0]! : null;

/**
 * Joins texts up to a number of words, so that batches hold little padding and sentences are seen with their neighbours.
 * Spans move with their texts; texts that were annotated are not joined with texts that were not, nor, unless told to,
 * texts of different groups. An id is those of the joined texts, with + between.
 */
export const pack = entry({
  name: "pack",
  summary: "Joins texts up to a number of words; spans move with them.",
  paper: "Ding et al. 2024, Fewer Truncations Improve Language Modeling (best-fit packing)",
  settings: settingsSchema,
  create:
    ({ column: name, length, order, separator, acrossGroups, drop }): DatasetStep =>
    async (split) => {
      const { column, spans, types } = await readMarkedTexts(split, name);
      requireNoOthers(split, [name, ...Object.keys(spans)], drop, "pack");
      const sizes = column.values.map(wordCount);
      const kinds = new Map<string, number[]>();
      let withoutText = 0;
      for (let row = 0; row < split.length; row++) {
        if (!isPresent(column, row)) {
          withoutText++;
          continue;
        }
        const annotated = Object.values(spans).map((values) => values[row] !== null);
        const key = JSON.stringify([acrossGroups ? null : split.groups?.[row], annotated]);
        const rows = kinds.get(key);
        if (rows === undefined) kinds.set(key, [row]);
        else rows.push(row);
      }
      const packs = [...kinds.values()]
        .flatMap((rows) => {
          if (order === "consecutive") return consecutive(rows, sizes, length);
          const long = rows.filter((row) => sizes[row]! > length).map((row) => [row]);
          return [
            ...bestFit(
              rows.filter((row) => sizes[row]! <= length),
              sizes,
              length,
            ),
            ...long,
          ];
        })
        .toSorted((a, b) => a[0]! - b[0]!);
      const starts = packs.map((rows) => {
        let at = 0;
        return rows.map((row) => {
          const start = at;
          at += column.values[row]!.length + separator.length;
          return start;
        });
      });
      const packed: Split = {
        name: split.name,
        length: packs.length,
        ids: packs.map((rows) => rows.map((row) => split.ids[row]!).join("+")),
        groups: acrossGroups || split.groups === undefined ? undefined : packs.map(([row]) => split.groups![row!]!),
        attributes: Object.fromEntries(
          Object.entries(split.attributes).map(([key, values]) => [
            key,
            packs.map((rows) => common(rows.map((row) => values[row]!))),
          ]),
        ),
        columns: {
          [name]: textsColumn(packs.map((rows) => rows.map((row) => column.values[row]!).join(separator))),
          ...Object.fromEntries(
            Object.entries(spans).map(([key, values]) => [
              key,
              spansColumn(
                types[key]!,
                packs.map((rows, p) =>
                  values[rows[0]!] === null ? null : rows.flatMap((row, i) => shifted(values[row]!, starts[p]![i]!)),
                ),
              ),
            ]),
          ),
        },
      };
      const longer = packs.filter((rows) => rows.length === 1 && sizes[rows[0]!]! > length).length;
      return {
        split: packed,
        counts: { texts: split.length, joined: packs.length, longerThanLength: longer, withoutText },
      };
    },
});
