import {
  countNgrams,
  requireGeneratedTexts,
  sharedNgrams,
  totalOf,
  type GeneratedText,
  type NgramCounts,
} from "./ngrams.ts";

export interface ChrfOptions {
  /** Longest n-gram of words; 0 (chrF) when left out, 2 for chrF++. */
  readonly wordOrder?: number;
  /** Whether n-grams reach across white space; false when left out. */
  readonly whitespace?: boolean;
  /** Whether upper and lower case are the same; false when left out. */
  readonly lowercase?: boolean;
}

const characterOrder = 6;
/** Recall counts beta times as much as precision. */
const beta = 2;
const punctuation = /^[!-/:-@[-`{-~]$/;

/** Words with one punctuation mark at an end set apart, as chrF++ does. */
function wordsOf(text: string): string[] {
  return text.split(/\s+/u).flatMap((word) => {
    if (word.length < 2) return word === "" ? [] : [word];
    if (punctuation.test(word.at(-1)!)) return [word.slice(0, -1), word.slice(-1)];
    return punctuation.test(word[0]!) ? [word[0]!, word.slice(1)] : [word];
  });
}

function ngramsOf(text: string, { wordOrder = 0, whitespace = false, lowercase = false }: ChrfOptions): NgramCounts[] {
  const cased = lowercase ? text.toLowerCase() : text;
  const characters = Array.from(whitespace ? cased : cased.replaceAll(/\s+/gu, ""));
  const words = wordOrder > 0 ? wordsOf(cased) : [];
  return [
    ...Array.from({ length: characterOrder }, (_, i) => countNgrams(characters, i + 1, "")),
    ...Array.from({ length: wordOrder }, (_, i) => countNgrams(words, i + 1)),
  ];
}

/** `[orders, 3]` n-grams of the text, of the reference, of both. */
function countsOf(found: readonly NgramCounts[], wanted: readonly NgramCounts[]): Float64Array {
  return Float64Array.from(
    found.flatMap((ngrams, order) => {
      const all = totalOf(wanted[order]!);
      return [all > 0 ? totalOf(ngrams) : 0, all, sharedNgrams(ngrams, wanted[order]!)];
    }),
  );
}

/** F-score from the mean precision and recall over the orders that both texts are long enough for. */
export function chrfOfCounts(counts: ArrayLike<number>): number {
  let [precision, recall, effective] = [0, 0, 0];
  for (let i = 0; i < counts.length; i += 3) {
    const [found, wanted, shared] = [counts[i]!, counts[i + 1]!, counts[i + 2]!];
    if (found === 0 || wanted === 0) continue;
    precision += shared / found;
    recall += shared / wanted;
    effective += 1;
  }
  if (precision + recall === 0) return 0;
  const factor = beta * beta;
  return ((1 + factor) * precision * recall) / effective / (factor * precision + recall);
}

/**
 * chrF of a corpus prepared for the bootstrap: F-score over character n-grams up to 6 (and word n-grams for chrF++), recall
 * counting twice; in [0, 1], published scores are often 100 times as much. Of several references, the one that fits best
 * counts. It needs no splitting into words and so serves every language. Popovic 2015 and 2017; agrees with sacrebleu.
 *
 * @throws VesaliusError `bad-data` for no cases or a case without a reference.
 */
export function chrfStatistic(
  cases: readonly GeneratedText[],
  options: ChrfOptions = {},
): (weights?: ArrayLike<number>) => number {
  requireGeneratedTexts(cases);
  return chrfStatisticOfCounts(cases.map((one) => chrfCounts(one, options)));
}

/** Counts one text, `[orders * 3]`, once for all scores of it; of several references those of the one that fits best. */
export function chrfCounts({ hypothesis, references }: GeneratedText, options: ChrfOptions = {}): Float64Array {
  const found = ngramsOf(hypothesis, options);
  return references
    .map((reference) => countsOf(found, ngramsOf(reference, options)))
    .reduce((best, counts) => (chrfOfCounts(counts) > chrfOfCounts(best) ? counts : best));
}

/** `chrfStatistic` of texts that were counted before. */
export function chrfStatisticOfCounts(counted: readonly ArrayLike<number>[]): (weights?: ArrayLike<number>) => number {
  return (weights) => {
    const sums = new Float64Array(counted[0]!.length);
    for (const [row, counts] of counted.entries()) {
      const weight = weights === undefined ? 1 : weights[row]!;
      for (let i = 0; i < sums.length; i++) sums[i]! += weight * counts[i]!;
    }
    return chrfOfCounts(sums);
  };
}
