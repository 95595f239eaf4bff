import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { columnNamed, type Split } from "../../data/index.ts";
import { type Bm25Index, buildBm25Index, searchBm25, wordsOf } from "./bm25.ts";

/** Settings of a search by words beside that by vectors. */
export const lexicalSearchSchema = z.strictObject({
  name: z.literal("bm25"),
  /** How soon further occurrences of a word stop adding to the score. */
  k1: z.number().nonnegative().default(1.2),
  /** How much long entries are discounted. */
  b: z.number().min(0).max(1).default(0.75),
  /** Weight of the ranking by words, from 0 to 1; that by vectors has the rest. */
  weight: z.number().min(0).max(1).default(0.5),
  /** Constant of the rank fusion: the larger, the less first places count. */
  constant: z.number().nonnegative().default(60),
  /**
   * Letters of the pieces of words that are searched in place of whole words, so that names of concepts are found in other
   * spellings and with mistakes (entity linking); whole words where it is left out.
   */
  grams: z.int().min(2).max(6).optional(),
  /** Columns of the table whose words are searched; those that the model reads where they are left out. */
  columns: z.array(z.string()).min(1).optional(),
});

/** A search by words beside that by vectors. */
export type LexicalSearch = z.output<typeof lexicalSearchSchema>;

/** @throws VesaliusError `bad-data` for a column that holds no texts */
function textsOf(split: Split, name: string): readonly string[] {
  const column = columnNamed(split, name);
  if (column.kind === "texts") return (column as unknown as { readonly values: readonly string[] }).values;
  throw new VesaliusError("bad-data", `words are searched in texts, the column ${name} holds ${column.kind}`, {
    where: `table or split ${split.name}`,
    fix: "leave hybrid out, or name columns of texts",
  });
}

/** Texts of several columns, row by row. */
export const joinedTexts = (split: Split, columns: readonly string[]): string[] => {
  const texts = columns.map((name) => textsOf(split, name));
  return Array.from({ length: split.length }, (_, row) => texts.map((values) => values[row]!).join("\n"));
};

/** Pieces of words, each word with a mark in front and behind; words that are no longer than a piece as they are. */
const gramsOf =
  (length: number) =>
  (text: string): string[] =>
    wordsOf(text).flatMap((word) => {
      const letters = [" ", ...Array.from(word), " "];
      if (letters.length <= length) return [letters.join("")];
      return Array.from({ length: letters.length - length + 1 }, (_, i) => letters.slice(i, i + length).join(""));
    });

const indices = new WeakMap<Split, Map<string, Bm25Index>>();

const piecesOf = (grams: number | undefined) => (grams === undefined ? wordsOf : gramsOf(grams));

/** The index of a table's words, made once for a table. */
function indexOf(table: Split, columns: readonly string[], { k1, b, grams }: LexicalSearch): Bm25Index {
  const ofTable = indices.get(table) ?? new Map<string, Bm25Index>();
  indices.set(table, ofTable);
  const key = JSON.stringify([columns, k1, b, grams]);
  const index =
    ofTable.get(key) ??
    buildBm25Index(
      joinedTexts(table, columns).map((text, row) => ({ id: String(row), text })),
      { k1, b, words: piecesOf(grams) },
    );
  ofTable.set(key, index);
  return index;
}

/**
 * Searches a table by the words of a query.
 *
 * @param columns of the table whose words are searched
 * @returns rows of the table, best first
 * @throws VesaliusError `bad-data` for columns that hold no texts
 */
export function lexicalSearcher(
  table: Split,
  columns: readonly string[],
  settings: LexicalSearch,
): (query: string, limit: number) => number[] {
  const index = indexOf(table, columns, settings);
  return (query, limit) => searchBm25(index, query, limit, piecesOf(settings.grams)).map(({ id }) => Number(id));
}
