import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { isPresent } from "../columns/storage.ts";
import { columnOf, takeRows } from "../dataset/rows.ts";
import { nearPairs, shinglesOf } from "../text/min-hash.ts";
import type { DatasetStep } from "./step.ts";

const settingsSchema = z.strictObject({
  /** Column of the texts. */
  column: z.string().default("text"),
  /** Least share of shingles that two texts have in common to be near-duplicates (Jaccard); 1 keeps all but equal ones. */
  threshold: z.number().gt(0).max(1).default(0.8),
  /** Words of a shingle; ideographs count one each. */
  shingle: z.int().positive().default(5),
  /** Hash functions of a signature: more find near-duplicates more surely. */
  permutations: z.int().min(16).max(1024).default(128),
  /** Splits that are changed: what is measured on stays as it is. */
  splits: z.array(z.string()).min(1).default(["train"]),
  seed: z.int().nonnegative().default(0),
});

/** Text without what typing changes. */
const normalised = (text: string): string => text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();

/** First member of the group of each position, found through pairs that belong together. */
function groupsOf(length: number, pairs: readonly { readonly first: number; readonly second: number }[]): Int32Array {
  const parent = Int32Array.from({ length }, (_, i) => i);
  const rootOf = (position: number): number => {
    let at = position;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const { first, second } of pairs) {
    const [a, b] = [rootOf(first), rootOf(second)];
    // The earlier one stays.
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  return parent.map((_, position) => rootOf(position));
}

/**
 * Leaves out texts that occur before, word for word or nearly so; of each group the first one stays. Texts are equal where case,
 * white space and compatibility forms are all that differs; they are near-duplicates where their sets of shingles have a
 * Jaccard similarity of at least `threshold`, which candidates found by MinHash are compared for in full.
 */
export const deduplicate = entry({
  name: "deduplicate",
  summary: "Leaves out texts that occur before, word for word or nearly so.",
  paper: "Lee et al. 2022, Deduplicating Training Data Makes Language Models Better; Broder 1997 (MinHash)",
  settings: settingsSchema,
  create:
    ({ column: name, splits, ...settings }): DatasetStep =>
    (split) => {
      if (!splits.includes(split.name)) return Promise.resolve({ split, counts: { texts: split.length, leftOut: 0 } });
      const column = columnOf(split, name, "texts");
      const first = new Map<string, number>();
      const distinct: number[] = [];
      let exact = 0;
      const kept = new Set<number>();
      for (let row = 0; row < split.length; row++) {
        if (!isPresent(column, row)) {
          kept.add(row);
          continue;
        }
        const key = normalised(column.values[row]!);
        if (first.has(key)) {
          exact++;
          continue;
        }
        first.set(key, row);
        distinct.push(row);
      }
      const shingles = distinct.map((row) => shinglesOf(column.values[row]!, settings.shingle));
      const groups = groupsOf(distinct.length, settings.threshold < 1 ? nearPairs(shingles, settings) : []);
      for (const [position, row] of distinct.entries()) if (groups[position] === position) kept.add(row);
      const rows = Array.from({ length: split.length }, (_, row) => row).filter((row) => kept.has(row));
      const near = split.length - exact - rows.length;
      return Promise.resolve({
        split: takeRows(split, rows),
        counts: { texts: split.length, leftOut: exact + near, equal: exact, nearlyEqual: near },
      });
    },
});
