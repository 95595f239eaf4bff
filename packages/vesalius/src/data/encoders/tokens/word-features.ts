import { z } from "zod";

const lengths = z.array(z.int().min(1).max(16)).max(8);

/** Features of whole words that tokens carry beside their id, and the values that were counted on training texts. */
export const wordFeaturesSchema = z.strictObject({
  /** Capitals, digits and signs of the word: `Xx` for "Ataxia", `X9` for "BRCA1". */
  shape: z.boolean().default(true),
  /** Numbers of letters of the beginnings that are told apart. */
  prefixes: lengths.default([2, 3, 4]),
  /** Numbers of letters of the endings that are told apart. */
  suffixes: lengths.default([2, 3, 4, 5]),
  /** How often a value must appear in the training texts to have a row of its own; rarer ones share one. */
  minimumFrequency: z.int().min(1).default(3),
  /** Values with a row of their own, by feature; counted where they are left out. */
  values: z.array(z.array(z.string())).optional(),
});

/** Settings of features of words. */
export type WordFeatures = z.output<typeof wordFeaturesSchema>;

/** Row of the table for tokens that belong to no word: special ones, padding. */
export const NO_WORD_ROW = 0;
/** Row of the table for words that are hidden from the network. */
export const HIDDEN_ROW = 1;
const FIRST_ROW = 2;

/** Words whose rows are kept. */
const remembered = 100_000;

/**
 * The pattern of a word's letters: capitals `X`, other letters `x`, digits `9`, everything else as it is, runs as one; at
 * most six signs, and a mark on words of at most three letters (as the word shapes of Stanford NER and spaCy).
 */
export function wordShape(word: string): string {
  const pattern = word
    .replace(/\p{Lu}/gu, "X")
    .replace(/(?!X)\p{L}/gu, "x")
    .replace(/\p{N}/gu, "9")
    .replace(/(.)\1+/gu, "$1");
  const { length } = Array.from(word);
  return `${Array.from(pattern).slice(0, 6).join("")}${length === 1 ? "1" : length <= 3 ? "3" : ""}`;
}

/** Lower case, numbers as 0, with marks where the word begins and ends. */
const marked = (word: string): string[] =>
  Array.from(`^${word.toLowerCase().replace(/\p{Nd}+(?:[.,]\p{Nd}+)*/gu, "0")}$`);

/** Values of the features of a word, in the order of the features. */
export function featureValues(word: string, { shape, prefixes, suffixes }: WordFeatures): string[] {
  const letters = marked(word);
  return [
    ...(shape ? [wordShape(word)] : []),
    ...prefixes.map((length) => letters.slice(0, length + 1).join("")),
    ...suffixes.map((length) => letters.slice(-length - 1).join("")),
  ];
}

/** Number of features of a token. */
export const featureCount = ({ shape, prefixes, suffixes }: WordFeatures): number =>
  (shape ? 1 : 0) + prefixes.length + suffixes.length;

/** Rows of the table that all features share: two reserved ones, then for each feature one for rare values and its own. */
export const featureRows = (values: readonly (readonly string[])[]): number =>
  values.reduce((rows, { length }) => rows + 1 + length, FIRST_ROW);

/** Counts values of features over words. */
export class FeatureCounter {
  readonly #settings: WordFeatures;
  readonly #words = new Map<string, number>();

  constructor(settings: WordFeatures) {
    this.#settings = settings;
  }

  add(word: string): void {
    this.#words.set(word, (this.#words.get(word) ?? 0) + 1);
  }

  /** Values that are frequent enough, most frequent first, of equally frequent ones by their letters. */
  values(): string[][] {
    const counts = Array.from({ length: featureCount(this.#settings) }, () => new Map<string, number>());
    for (const [word, count] of this.#words)
      for (const [feature, value] of featureValues(word, this.#settings).entries())
        counts[feature]!.set(value, (counts[feature]!.get(value) ?? 0) + count);
    return counts.map((known) =>
      [...known]
        .filter(([, count]) => count >= this.#settings.minimumFrequency)
        .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
        .map(([value]) => value),
    );
  }
}

/** Gives the rows of a word's features, one for each feature. */
export function featureLookup(settings: WordFeatures): (word: string) => Int32Array {
  let row = FIRST_ROW;
  const tables = (settings.values ?? []).map((values) => {
    const rare = row++;
    return { rare, rows: new Map(values.map((value) => [value, row++])) };
  });
  const known = new Map<string, Int32Array>();
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const rows = Int32Array.from(featureValues(word, settings), (value, feature) => {
      const table = tables[feature]!;
      return table.rows.get(value) ?? table.rare;
    });
    if (known.size < remembered) known.set(word, rows);
    return rows;
  };
}
