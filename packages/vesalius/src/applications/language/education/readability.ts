import { sentencesOf } from "../consultation/passage.ts";

/** How hard a text is to read. */
export interface Readability {
  readonly sentences: number;
  readonly words: number;
  /** Words of a sentence; characters of a sentence in Chinese. */
  readonly sentenceLength: number;
  /** Years of school by syllables and length of sentences (Kincaid et al. 1975); undefined for Chinese. */
  readonly fleschKincaidGrade?: number;
  /** From 0 (hardest) to 100 (Flesch 1948), and beyond for extremes; undefined for Chinese. */
  readonly fleschReadingEase?: number;
  /** Years of school by letters in place of syllables (Coleman and Liau 1975); undefined for Chinese. */
  readonly colemanLiauIndex?: number;
  /** Why there is no index. */
  readonly note?: string;
}

/**
 * Syllables of an English word, by its groups of vowels: a silent e at the end is none, `le` behind a consonant is one.
 *
 * @example
 * syllablesOf("inflammation"); // 4
 */
export function syllablesOf(word: string): number {
  const lower = word.toLowerCase().replace(/[^a-z]/g, "");
  if (lower.length === 0) return 1;
  const stem = lower.replace(/(?:[^laeiouy]es|[^aeiouytd]ed|[^laeiouy]e)$/, (end) => end[0]!);
  const groups = stem.match(/[aeiouy]+/g)?.length ?? 0;
  // Vowels of different syllables: media, riot, fluid.
  const parted = stem.match(/i(?:a|o(?!us|n)|um)|[^q]u(?:a|i)(?!r)|eo(?!us)/g)?.length ?? 0;
  const ending = /[^aeiouy]le$/.test(lower) && !stem.endsWith("le") ? 1 : 0;
  return Math.max(1, groups + parted + ending);
}

/**
 * How hard a text is to read, by the formulas of Flesch, Kincaid, and Coleman and Liau. They are for English: of Chinese only
 * lengths are given.
 *
 * @returns undefined for a text without words
 */
export function readabilityOf(text: string): Readability | undefined {
  const sentences = Math.max(1, sentencesOf(text).length);
  const ideographs = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const words = text.match(/[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*/gu) ?? [];
  if (words.length === 0) return undefined;
  if (ideographs > 0)
    return {
      sentences,
      words: ideographs,
      sentenceLength: ideographs / sentences,
      note: "The indices of readability are for English; of Chinese, characters are counted.",
    };
  const [count, syllables] = [words.length, words.reduce((sum, word) => sum + syllablesOf(word), 0)];
  const letters = words.reduce((sum, word) => sum + word.replace(/[^\p{L}]/gu, "").length, 0);
  const [length, weight] = [count / sentences, syllables / count];
  return {
    sentences,
    words: count,
    sentenceLength: length,
    fleschKincaidGrade: 0.39 * length + 11.8 * weight - 15.59,
    fleschReadingEase: 206.835 - 1.015 * length - 84.6 * weight,
    colemanLiauIndex: (5.88 * letters) / count - 29.6 / length - 15.8,
  };
}
