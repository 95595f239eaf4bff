import { requireCases } from "../input-checks.ts";
import { type PrecisionRecallF1 } from "../precision-recall-f1.ts";
import { weightedMean } from "../weighted-mean.ts";
import { countNgrams, sharedNgrams, totalOf } from "./ngrams.ts";
import { porterStem } from "./porter-stemmer.ts";

/** What a generated text shares with a reference; each in [0, 1]. */
export interface RougeScores {
  /** Words. */
  readonly rouge1: PrecisionRecallF1;
  /** Pairs of words. */
  readonly rouge2: PrecisionRecallF1;
  /** Longest common subsequence of words. */
  readonly rougeL: PrecisionRecallF1;
  /** The same sentence by sentence; sentences are lines. */
  readonly rougeLsum: PrecisionRecallF1;
}

/** How ROUGE splits texts: English words, or for languages without spaces letter by letter. */
export type RougeTokens = "words" | "characters";

function tokensOf(text: string, stem: boolean, tokens: RougeTokens): string[] {
  if (tokens === "characters") return Array.from(text.toLowerCase()).filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  const words = text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  return stem ? words.map((word) => (word.length > 3 ? porterStem(word) : word)) : words;
}

function scoresOf(shared: number, found: number, wanted: number): PrecisionRecallF1 {
  const [precision, recall] = [found === 0 ? 0 : shared / found, wanted === 0 ? 0 : shared / wanted];
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/** Places of a longest common subsequence in the first of two sequences. */
function commonSubsequence(a: readonly string[], b: readonly string[]): number[] {
  const width = b.length + 1;
  const lengths = new Int32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      lengths[i * width + j] =
        a[i - 1] === b[j - 1]
          ? lengths[(i - 1) * width + j - 1]! + 1
          : Math.max(lengths[(i - 1) * width + j]!, lengths[i * width + j - 1]!);
    }
  }
  const places: number[] = [];
  for (let [i, j] = [a.length, b.length]; i > 0 && j > 0;) {
    if (a[i - 1] === b[j - 1]) {
      places.push(i - 1);
      i -= 1;
      j -= 1;
    } else if (lengths[i * width + j - 1]! > lengths[(i - 1) * width + j]!) j -= 1;
    else i -= 1;
  }
  return places;
}

function countWords(sentences: readonly (readonly string[])[]): Map<string, number> {
  return new Map(countNgrams(sentences.flat(), 1));
}

/** Words of the reference's sentences that a sentence of the text holds in order, none counted twice. */
function sharedInSentences(wanted: readonly string[][], found: readonly string[][]): number {
  const [left, leftFound] = [countWords(wanted), countWords(found)];
  let shared = 0;
  for (const sentence of wanted) {
    const places = new Set(found.flatMap((other) => commonSubsequence(sentence, other)));
    for (const place of places) {
      const word = sentence[place]!;
      if ((left.get(word) ?? 0) === 0 || (leftFound.get(word) ?? 0) === 0) continue;
      left.set(word, left.get(word)! - 1);
      leftFound.set(word, leftFound.get(word)! - 1);
      shared += 1;
    }
  }
  return shared;
}

/**
 * ROUGE of one generated text (Lin 2004): the overlap of words, pairs of words and longest common subsequences with a
 * reference. Agrees with Google's `rouge_score`: lower case, everything but a-z and 0-9 separates words, so it serves
 * English; letter by letter (`tokens: "characters"`) also languages without spaces. It says nothing about whether a text is true.
 *
 * @param options.tokens what counts as a word; English words when left out
 * @param options.stem whether endings are taken off first (Porter's stemmer); false when left out.
 */
export function rougeScores(
  hypothesis: string,
  reference: string,
  { stem = false, tokens = "words" }: { readonly stem?: boolean; readonly tokens?: RougeTokens } = {},
): RougeScores {
  const [found, wanted] = [tokensOf(hypothesis, stem, tokens), tokensOf(reference, stem, tokens)];
  const ngrams = (order: number) => {
    const [a, b] = [countNgrams(found, order), countNgrams(wanted, order)];
    return scoresOf(sharedNgrams(a, b), totalOf(a), totalOf(b));
  };
  const sentences = (text: string) =>
    text
      .split("\n")
      .map((line) => tokensOf(line, stem, tokens))
      .filter(({ length }) => length > 0);
  return {
    rouge1: ngrams(1),
    rouge2: ngrams(2),
    rougeL: scoresOf(commonSubsequence(wanted, found).length, found.length, wanted.length),
    rougeLsum: scoresOf(sharedInSentences(sentences(reference), sentences(hypothesis)), found.length, wanted.length),
  };
}

/**
 * Mean F1 of each ROUGE over cases, prepared for the bootstrap.
 *
 * @throws VesaliusError `bad-data` for no cases.
 */
export function rougeStatistic(
  cases: readonly RougeScores[],
): (weights?: ArrayLike<number>) => Readonly<Record<keyof RougeScores, number>> {
  requireCases(cases.length);
  const column = (name: keyof RougeScores) => Float64Array.from(cases, (scores) => scores[name].f1);
  const [rouge1, rouge2, rougeL, rougeLsum] = [
    column("rouge1"),
    column("rouge2"),
    column("rougeL"),
    column("rougeLsum"),
  ];
  return (weights) => ({
    rouge1: weightedMean(rouge1, weights),
    rouge2: weightedMean(rouge2, weights),
    rougeL: weightedMean(rougeL, weights),
    rougeLsum: weightedMean(rougeLsum, weights),
  });
}
