import { bleuTokens, type BleuTokenization } from "./bleu-tokens.ts";
import { countNgrams, requireGeneratedTexts, sharedNgrams, totalOf, type GeneratedText } from "./ngrams.ts";

/** What stands for the precision of an order of which nothing is shared. */
export type BleuSmoothing = "exponential" | "floor" | "add-one" | "none";

export interface BleuOptions {
  /** `13a` when left out. */
  readonly tokenization?: BleuTokenization;
  /** Whether upper and lower case are the same; false when left out. */
  readonly lowercase?: boolean;
  /** `exponential` when left out. */
  readonly smoothing?: BleuSmoothing;
  /** Whether orders that a text is too short for are left out; for single sentences. false when left out. */
  readonly effectiveOrder?: boolean;
}

export interface BleuScore {
  /** In [0, 1]; published scores are often 100 times as much. */
  readonly score: number;
  /** `[4]` share of n-grams that a reference has too, smoothed. */
  readonly precisions: readonly number[];
  /** In [0, 1]; below 1 where the texts are shorter than their references. */
  readonly brevityPenalty: number;
}

const orders = 4;

/** Shared and all n-grams of each order, length of the text and of the reference nearest in length. */
export interface BleuCounts {
  readonly shared: readonly number[];
  readonly all: readonly number[];
  readonly length: number;
  readonly referenceLength: number;
}

/** Counts one text, once for all scores of it. */
export function bleuCounts(
  { hypothesis, references }: GeneratedText,
  { tokenization = "13a", lowercase = false }: BleuOptions,
) {
  const tokensOf = (text: string) => bleuTokens(lowercase ? text.toLowerCase() : text, tokenization);
  const tokens = tokensOf(hypothesis);
  const wanted = references.map(tokensOf);
  const perOrder = Array.from({ length: orders }, (_, i) => {
    const found = countNgrams(tokens, i + 1);
    const most = new Map<string, number>();
    for (const reference of wanted) {
      for (const [ngram, count] of countNgrams(reference, i + 1))
        most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
    }
    return { shared: sharedNgrams(found, most), all: totalOf(found) };
  });
  const nearest = wanted
    .map(({ length }) => length)
    .reduce((best, length) => {
      const [a, b] = [Math.abs(length - tokens.length), Math.abs(best - tokens.length)];
      return a < b || (a === b && length < best) ? length : best;
    });
  return {
    shared: perOrder.map(({ shared }) => shared),
    all: perOrder.map(({ all }) => all),
    length: tokens.length,
    referenceLength: nearest,
  };
}

function scoreOf(counts: BleuCounts, { smoothing = "exponential", effectiveOrder = false }: BleuOptions): BleuScore {
  const { length, referenceLength } = counts;
  const brevityPenalty = length >= referenceLength ? 1 : length === 0 ? 0 : Math.exp(1 - referenceLength / length);
  const precisions = Array<number>(orders).fill(0);
  if (counts.shared.every((shared) => shared === 0)) return { score: 0, precisions, brevityPenalty };
  let halving = 1;
  let order = 0;
  for (; order < orders; order++) {
    const added = smoothing === "add-one" && order > 0 ? 1 : 0;
    const [shared, all] = [counts.shared[order]! + added, counts.all[order]! + added];
    if (all === 0) break;
    if (shared > 0) precisions[order] = shared / all;
    else if (smoothing === "exponential") precisions[order] = 1 / ((halving *= 2) * all);
    else if (smoothing === "floor") precisions[order] = 0.1 / all;
  }
  const used = effectiveOrder ? precisions.slice(0, order) : precisions;
  const logarithms = used.reduce((sum, precision) => sum + Math.log(precision), 0);
  return { score: brevityPenalty * Math.exp(logarithms / used.length), precisions, brevityPenalty };
}

/**
 * BLEU of a corpus prepared for the bootstrap: texts are split and counted once, weighing them is a sum. The geometric
 * mean of how many 1- to 4-grams a reference has too, times a penalty for being short; higher is better. Papineni et al.
 * 2002; agrees with sacrebleu. It compares systems on the same texts and says nothing about whether a text is true.
 *
 * @throws VesaliusError `bad-data` for no cases or a case without a reference.
 *
 * @example
 * bleuStatistic([{ hypothesis: "no acute process", references: ["no acute process"] }], { effectiveOrder: true })().score;
 */
export function bleuStatistic(
  cases: readonly GeneratedText[],
  options: BleuOptions = {},
): (weights?: ArrayLike<number>) => BleuScore {
  requireGeneratedTexts(cases);
  return bleuOfCounts(
    cases.map((one) => bleuCounts(one, options)),
    options,
  );
}

/** `bleuStatistic` of texts that were counted before, with the same options. */
export function bleuOfCounts(
  counted: readonly BleuCounts[],
  options: BleuOptions = {},
): (weights?: ArrayLike<number>) => BleuScore {
  return (weights) => {
    const sum = (value: (counts: BleuCounts) => number) =>
      counted.reduce((total, counts, row) => total + (weights === undefined ? 1 : weights[row]!) * value(counts), 0);
    const perOrder = (name: "shared" | "all") => Array.from({ length: orders }, (_, i) => sum((one) => one[name][i]!));
    return scoreOf(
      {
        shared: perOrder("shared"),
        all: perOrder("all"),
        length: sum(({ length }) => length),
        referenceLength: sum(({ referenceLength }) => referenceLength),
      },
      options,
    );
  };
}
