import type { ChatModel } from "../../../generation/index.ts";
import { sentencesOf } from "../consultation/passage.ts";
import { plainWords } from "./plain-words.ts";

/** Writes a text in plain words. */
export interface Rewriter {
  readonly name: string;
  /** @returns the plain text, and where it is known the terms that were replaced */
  rewrite(text: string): Promise<{ readonly text: string; readonly replaced: readonly (readonly [string, string])[] }>;
  release(): Promise<void>;
}

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

const terms = Object.keys(plainWords).sort((a, b) => b.length - a.length);
const anyTerm = new RegExp(
  String.raw`(?<![\p{L}\p{N}-])(${terms.map(escaped).join("|")})(s|es)?(?![\p{L}\p{N}-])`,
  "giu",
);

const capitalAs = (word: string, original: string): string =>
  /^\p{Lu}/u.test(original) ? `${word[0]!.toUpperCase()}${word.slice(1)}` : word;

/** The plural of the plain words of a term. */
function pluralOf(words: string): string {
  const [first, ...rest] = words.split(/ (?=of |in |from |on |that )/);
  return [/(?:s|x|ch|sh)$/.test(first!) ? first! : `${first!}s`, ...rest].join(" ");
}

/** "a" and "an" as what follows wants it; nothing in front of plurals and what cannot be counted is mended. */
const articles = (text: string): string =>
  text.replace(/\b(an?)\s+(?=([a-z]+))/gi, (found: string, article: string, next: string) => {
    const wants = /^[aeiou]/i.test(next) && !/^(?:uni|use|one|eu)/i.test(next) ? "an" : "a";
    return wants === article.toLowerCase() ? found : found.replace(article, capitalAs(wants, article));
  });

/** Sentences longer than this many words are parted where a clause of its own begins. */
const longestSentence = 20;

/** A long sentence as two, at a semicolon, or in front of "and", "but" or "so" with a subject of its own. */
function parted(sentence: string): string {
  if ((sentence.match(/\s+/g)?.length ?? 0) < longestSentence) return sentence;
  const found =
    /;\s+|,\s+(?=(?:and|but|so)\s+(?:it|they|he|she|you|this|these|there|the\s+\w+\s+(?:is|are|was|were|may|can|will))\b)/i.exec(
      sentence,
    );
  if (found === null || found.index < 20) return sentence;
  const rest = sentence.slice(found.index + found[0].length).replace(/^and\s+/i, "");
  return `${sentence.slice(0, found.index)}. ${parted(capitalAs(rest, "A"))}`;
}

/** Puts plain words in place of medical terms, and parts long sentences; needs no model. English only. */
export const lexicalRewriter = (): Rewriter => ({
  name: "lexical",
  rewrite(text) {
    const replaced = new Map<string, string>();
    const plain = text.replace(anyTerm, (found: string, term: string, plural: string | undefined) => {
      const words = plainWords[term.toLowerCase()]!;
      replaced.set(term.toLowerCase(), words);
      return capitalAs(plural === undefined ? words : pluralOf(words), found);
    });
    const whole = replaced.size === 0 ? text : articles(plain);
    let written = "";
    let at = 0;
    // What stands between sentences stays: a line break is what ends the lines of a list.
    for (const { text: sentence, start, end } of sentencesOf(whole)) {
      written += whole.slice(at, start) + parted(sentence);
      at = end;
    }
    return Promise.resolve({ text: written + whole.slice(at), replaced: [...replaced] });
  },
  release: () => Promise.resolve(),
});

const instruction =
  "Write this in plain words that a patient understands: short sentences, everyday words. Keep every number with its unit, and " +
  "every no and not. Add nothing. Write nothing but the plain text.";

/**
 * Has a language model write plain words.
 *
 * @param maximumTokens of an answer; one that is cut off is refused by its reader
 */
export const chatRewriter = (model: ChatModel, maximumTokens = 1024): Rewriter => ({
  name: model.name,
  async rewrite(text) {
    const messages = [{ role: "user", content: `${text}\n\n${instruction}` }] as const;
    const { text: plain, finish } = await model.complete([...messages], { maximumTokens });
    return { text: finish === "length" ? "" : plain.trim(), replaced: [] };
  },
  release: () => model.release(),
});
