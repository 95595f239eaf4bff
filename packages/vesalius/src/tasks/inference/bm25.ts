import { VesaliusError } from "../../common/errors.ts";
import { bestScored } from "./best-scored.ts";

/** A document that can be found by its words. */
export interface IndexedText {
  readonly id: string;
  readonly text: string;
}

/** A document found for a query. */
export interface FoundText {
  readonly id: string;
  /** Higher is better; comparable within one query only. */
  readonly score: number;
}

/** Free parameters of Okapi BM25. */
export interface Bm25Options {
  /** How soon further occurrences of a word stop adding to the score, 0 or more; 1.2 when left out. */
  readonly k1?: number;
  /** How much long documents are discounted, from 0 (not) to 1 (in proportion to length); 0.75 when left out. */
  readonly b?: number;
  /** Words of a document; {@link wordsOf} when left out. Queries must be taken apart in the same way. */
  readonly words?: (text: string) => readonly string[];
}

/** An inverted index as plain data. */
export interface Bm25Index {
  /** `[documents]` identifiers. */
  readonly ids: readonly string[];
  /** `[terms]` in the order of code units. */
  readonly terms: readonly string[];
  /** `[terms + 1]` where the postings of each term start. */
  readonly starts: Int32Array;
  /** `[postings]` position of the document. */
  readonly documents: Int32Array;
  /** `[postings]` what the term in a query adds to the document's score. */
  readonly contributions: Float64Array;
}

const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}])+/gu;

/**
 * Words of a text: lower-cased runs of letters, marks and digits (Unicode NFKC); Chinese and Japanese characters stand
 * alone, since nothing separates words there. No stemming, no list of words that are left out.
 */
export function wordsOf(text: string): string[] {
  return text.normalize("NFKC").toLowerCase().match(word) ?? [];
}

function requireOptions({ k1 = 1.2, b = 0.75 }: Pick<Bm25Options, "k1" | "b">): { k1: number; b: number } {
  if (k1 >= 0 && k1 < Infinity && b >= 0 && b <= 1) return { k1, b };
  throw new VesaliusError("bad-argument", `k1 = ${k1} and b = ${b} are no parameters of BM25`, {
    where: "k1, b",
    fix: "k1 is 0 or more, b lies between 0 and 1; leave them out for 1.2 and 0.75",
  });
}

function requireDistinct(documents: readonly IndexedText[]): void {
  const seen = new Set<string>();
  for (const [position, { id }] of documents.entries()) {
    if (seen.has(id)) {
      throw new VesaliusError("bad-data", "two documents have the same identifier", {
        where: `documents, position ${position}`,
        fix: "give each document an identifier of its own",
      });
    }
    seen.add(id);
  }
}

/** ln(1 + (N - n + 0.5) / (n + 0.5)), above 0 for every word. */
const inverseDocumentFrequency = (inDocuments: number, documents: number): number =>
  Math.log(1 + (documents - inDocuments + 0.5) / (inDocuments + 0.5));

/**
 * Indexes documents for Okapi BM25 (Robertson and Zaragoza 2009), with the inverse document frequency that cannot fall
 * below 0: ln(1 + (N - n + 0.5) / (n + 0.5)), as in Lucene.
 *
 * @throws VesaliusError `bad-argument` for parameters out of range, `bad-data` for an identifier that occurs twice.
 *
 * @example
 * const index = buildBm25Index([{ id: "a", text: "Measles is a viral infection." }]);
 * searchBm25(index, "infection by a virus", 10);
 */
export function buildBm25Index(documents: readonly IndexedText[], options: Bm25Options = {}): Bm25Index {
  const { k1, b } = requireOptions(options);
  const { words: take = wordsOf } = options;
  requireDistinct(documents);
  const postings = new Map<string, { readonly documents: number[]; readonly frequencies: number[] }>();
  const lengths = documents.map(({ text }, position) => {
    const words = take(text);
    for (const term of words) {
      let list = postings.get(term);
      if (list === undefined) postings.set(term, (list = { documents: [], frequencies: [] }));
      if (list.documents.at(-1) === position) list.frequencies[list.frequencies.length - 1]! += 1;
      else {
        list.documents.push(position);
        list.frequencies.push(1);
      }
    }
    return words.length;
  });
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const terms = [...postings.keys()].sort();
  const starts = new Int32Array(terms.length + 1);
  for (const [i, term] of terms.entries()) starts[i + 1] = starts[i]! + postings.get(term)!.documents.length;
  const found = new Int32Array(starts[terms.length]!);
  const contributions = new Float64Array(found.length);
  for (const [i, term] of terms.entries()) {
    const list = postings.get(term)!;
    const inDocuments = list.documents.length;
    const rarity = inverseDocumentFrequency(inDocuments, documents.length);
    for (const [j, position] of list.documents.entries()) {
      const frequency = list.frequencies[j]!;
      const saturation = frequency + k1 * (1 - b + (b * lengths[position]!) / meanLength);
      found[starts[i]! + j] = position;
      contributions[starts[i]! + j] = (rarity * frequency * (k1 + 1)) / saturation;
    }
  }
  return { ids: documents.map(({ id }) => id), terms, starts, documents: found, contributions };
}

function positionOf(term: string, terms: readonly string[]): number {
  let [low, high] = [0, terms.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (terms[middle]! < term) low = middle + 1;
    else high = middle;
  }
  return terms[low] === term ? low : -1;
}

/** How much a word says: its inverse document frequency, highest for one that no document has. */
export function rarityOf(index: Bm25Index, term: string): number {
  const position = positionOf(term, index.terms);
  const inDocuments = position < 0 ? 0 : index.starts[position + 1]! - index.starts[position]!;
  return inverseDocumentFrequency(inDocuments, index.ids.length);
}

/**
 * The documents that share words with a query, best first; of equal scores the one that was indexed first. A word that
 * occurs twice in the query counts once.
 *
 * @param limit how many at most; all when left out.
 * @param words words of the query, as the documents' were taken.
 * @throws VesaliusError `bad-argument` for a limit that is no whole number above 0.
 */
export function searchBm25(
  index: Bm25Index,
  query: string,
  limit = Infinity,
  words: NonNullable<Bm25Options["words"]> = wordsOf,
): FoundText[] {
  if (limit !== Infinity && !(Number.isInteger(limit) && limit > 0)) {
    throw new VesaliusError("bad-argument", `${limit} documents cannot be asked for`, {
      where: "limit",
      fix: "give a whole number above 0, or leave it out for all",
    });
  }
  const scores = new Float64Array(index.ids.length);
  for (const term of new Set(words(query))) {
    const position = positionOf(term, index.terms);
    if (position < 0) continue;
    for (let i = index.starts[position]!; i < index.starts[position + 1]!; i++) {
      scores[index.documents[i]!]! += index.contributions[i]!;
    }
  }
  let count = 0;
  const found = new Int32Array(scores.length);
  // Every shared word adds more than 0.
  for (let position = 0; position < scores.length; position++) if (scores[position]! > 0) found[count++] = position;
  return Array.from(bestScored(found.subarray(0, count), scores, limit), (position) => ({
    id: index.ids[position]!,
    score: scores[position]!,
  }));
}
