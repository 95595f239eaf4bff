import { z } from "zod";
import { contentWords, searchWords } from "./content-words.ts";
import { sentencesOf, textOf } from "./passage.ts";
import type { FoundPassage, PassageIndex } from "./passage-index.ts";

/** Words of a document, unchanged, with where they stand. */
export const quoteSchema = z.object({
  /** Exactly the characters from `start` to `end` of the document's text. */
  text: z.string(),
  document: z.string(),
  title: z.string().optional(),
  source: z.string().optional(),
  date: z.string().optional(),
  url: z.string().optional(),
  /** Offsets in the document's text, UTF-16 code units; the end is excluded. */
  start: z.int(),
  end: z.int(),
});

/** Words of a document, unchanged, with where they stand. */
export type Quote = Readonly<z.output<typeof quoteSchema>>;

/** How much is quoted. */
export interface QuoteOptions {
  /** Quotes at most. */
  readonly quotes?: number;
  /** Sentences of a quote at most. */
  readonly sentences?: number;
}

/** A sentence longer than this is a list or a table, and is cut at its end. */
const longestQuote = 1200;

/**
 * Chooses sentences that answer a question: of each passage the run of sentences whose words say most of what the question
 * asks, weighed by rarity and by the passage's own score; one quote a passage, the best first.
 */
export function chooseQuotes(
  index: PassageIndex,
  question: string,
  found: readonly FoundPassage[],
  { quotes = 3, sentences = 3 }: QuoteOptions = {},
): Quote[] {
  const asked = contentWords(question);
  const seen = new Set<string>();
  const chosen: Quote[] = [];
  for (const { passage } of found) {
    if (chosen.length === quotes) break;
    const { document } = passage;
    const inTitle = new Set(searchWords(document.title ?? ""));
    const own = sentencesOf(textOf(passage));
    // What the title says already (the disease) is no reason for a sentence.
    const worth = own.map(({ text }) => {
      const words = new Set(searchWords(text));
      return asked.reduce(
        (sum, word) => sum + (words.has(word) ? index.rarity(word) * (inTitle.has(word) ? 0.3 : 1) : 0),
        0,
      );
    });
    let [from, best] = [0, -1];
    for (let start = 0; start < own.length; start++) {
      const sum = worth.slice(start, start + sentences).reduce((total, one) => total + one, 0);
      if (sum > best) [from, best] = [start, sum];
    }
    const last = own[Math.min(from + sentences, own.length) - 1];
    if (last === undefined) continue;
    const start = passage.start + own[from]!.start;
    const end = Math.min(passage.start + last.end, start + longestQuote);
    const text = document.text.slice(start, end);
    if (seen.has(text)) continue;
    seen.add(text);
    const { id, title, source, date, url } = document;
    chosen.push({ text, document: id, title, source, date, url, start, end });
  }
  return chosen;
}
