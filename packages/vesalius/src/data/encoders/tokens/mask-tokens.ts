import type { RandomStream } from "../../../common/random.ts";
import type { PreparedTokens } from "./read-tokens.ts";
import { HIDDEN_ROW } from "./word-features.ts";
import type { ShownTokens } from "./write-tokens.ts";

/** How tokens are hidden; see the encoder `maskedTokens`. */
export interface Masking {
  readonly maskRatio: number;
  readonly unit: "token" | "wholeWord" | "span";
  readonly spanLength: number;
  readonly replace: { readonly mask: number; readonly random: number; readonly keep: number };
}

/** What a network sees, and what it is to predict. */
export interface MaskedTokens {
  readonly shown: ShownTokens;
  /** `[tokens]` ids of predicted tokens, -1 elsewhere. */
  readonly labels: Int32Array;
}

/** Most words of a span for its mean, as 10 for a mean of 3.8 in SpanBERT. */
const longestSpan = (mean: number): number => Math.ceil(2.6 * mean);

/** Runs of tokens that are hidden together, `[from, to)`: those of each word, or each token by itself. */
function wordRuns({ ids, wordIds, table }: PreparedTokens, whole: boolean): [from: number, to: number][] {
  const runs: [number, number][] = [];
  let before = -1;
  wordIds.forEach((word, token) => {
    const known = word >= 0 && table.isOrdinary[ids[token]!] === 1;
    if (whole && word >= 0 && word === before && token === runs.at(-1)?.[1]) runs.at(-1)![1] = token + 1;
    else if (known) runs.push([token, token + 1]);
    before = word;
  });
  return runs;
}

/** A number from 1 on with a mean of about `mean`: geometric, cut at its longest (Joshi et al. 2020). */
function spanOf(mean: number, random: RandomStream): number {
  let length = 1;
  while (length < longestSpan(mean) && random.uniform() >= 1 / mean) length++;
  return length;
}

/** Whether two tokens have a letter in common. */
function overlap({ sequenceIds, offsets }: PreparedTokens, a: number, b: number): boolean {
  return (
    sequenceIds[a] === sequenceIds[b] && offsets[2 * a]! < offsets[2 * b + 1]! && offsets[2 * b]! < offsets[2 * a + 1]!
  );
}

/** The tokens `[from, to)` with all that have a letter in common with one of them. */
function withOverlapping(tokens: PreparedTokens, from: number, to: number): [from: number, to: number] {
  let [first, last] = [from, to];
  while (first > 0 && overlap(tokens, first - 1, from)) first--;
  while (last < tokens.ids.length && overlap(tokens, last, to - 1)) last++;
  return [first, last];
}

/** A run that is hidden. */
interface HiddenRun {
  readonly from: number;
  readonly to: number;
  /** Whether it holds more than was chosen, since tokens overlap. */
  readonly widened: boolean;
}

/** Chooses runs until a share of the tokens is hidden: at least one, and no more than the share unless the first is. */
function chooseRuns(tokens: PreparedTokens, masking: Masking, random: RandomStream): HiddenRun[] {
  const words = wordRuns(tokens, masking.unit !== "token");
  const count = words.reduce((sum, [from, to]) => sum + to - from, 0);
  const budget = Math.max(1, Math.round(masking.maskRatio * count));
  const hidden = new Uint8Array(tokens.ids.length);
  const runs: HiddenRun[] = [];
  let spent = 0;
  for (const index of random.permutation(words.length)) {
    if (spent >= budget) break;
    const wanted = masking.unit === "span" ? spanOf(masking.spanLength, random) : 1;
    let last = index;
    let run = withOverlapping(tokens, words[index]![0], words[index]![1]);
    // A span does not reach over a token that cannot be predicted, and gives way where the share is nearly spent.
    while (last - index + 1 < wanted && words[last + 1]?.[0] === words[last]![1]) {
      const longer = withOverlapping(tokens, words[index]![0], words[last + 1]![1]);
      if (longer[1] - longer[0] > budget - spent) break;
      run = longer;
      last++;
    }
    const [from, to] = run;
    let added = 0;
    for (let token = from; token < to; token++) added += 1 - hidden[token]!;
    if (added === 0 || (spent > 0 && spent + added > budget)) continue;
    hidden.fill(1, from, to);
    spent += added;
    runs.push({ from, to, widened: to - from > words[last]![1] - words[index]![0] });
  }
  return runs;
}

/** By text, 1 for letters that a visible token shows. */
function shownLetters({ sequenceIds, offsets }: PreparedTokens, isShown: (token: number) => boolean) {
  const length = offsets.reduce((most, offset) => Math.max(most, offset), 0);
  const shown = [new Uint8Array(length), new Uint8Array(length)];
  sequenceIds.forEach((sequence, token) => {
    if (sequence >= 0 && isShown(token)) shown[sequence]!.fill(1, offsets[2 * token], offsets[2 * token + 1]);
  });
  return shown;
}

/**
 * Hides tokens and says which are to be predicted: those of which no letter shows in a visible token. Where tokens
 * overlap (k-mers from every letter on, bytes of one character), all that share a letter with a chosen token are hidden
 * too, and none of them is kept.
 */
export function maskTokens(tokens: PreparedTokens, masking: Masking, random: RandomStream): MaskedTokens {
  const { wordIds, sequenceIds, offsets, table } = tokens;
  const { replace, unit } = masking;
  const ids = tokens.ids.slice();
  const features = tokens.features.slice();
  const isReplaced = new Uint8Array(ids.length);
  const isKept = new Uint8Array(ids.length);
  for (const { from, to, widened } of chooseRuns(tokens, masking, random)) {
    let drawn = random.uniform();
    for (let token = from; token < to; token++) {
      // A span is replaced as one, like in SpanBERT; single tokens and words token by token, like in BERT.
      if (token > from && unit !== "span") drawn = random.uniform();
      const other = table.ordinary[random.integer(table.ordinary.length)]!;
      if (isReplaced[token] === 1) continue;
      const keeps = drawn >= replace.mask + replace.random && !widened;
      isKept[token] = keeps ? 1 : 0;
      if (keeps) continue;
      isReplaced[token] = 1;
      ids[token] = drawn >= replace.mask && drawn < replace.mask + replace.random ? other : (table.mask ?? other);
    }
  }
  if (table.features > 0) {
    // Features are those of the whole word, so that they would tell a hidden part of it.
    const hiddenWords = new Set(wordIds.filter((_, token) => isReplaced[token] === 1));
    wordIds.forEach((word, token) => {
      if (hiddenWords.has(word)) features.fill(HIDDEN_ROW, token * table.features, (token + 1) * table.features);
    });
  }
  const shown = shownLetters(tokens, (token) => isReplaced[token] === 0);
  const labels = new Int32Array(ids.length).fill(-1);
  tokens.ids.forEach((id, token) => {
    if (table.isOrdinary[id] !== 1) return;
    if (isKept[token] === 1) labels[token] = id;
    if (isReplaced[token] === 0) return;
    const [start, end] = [offsets[2 * token]!, offsets[2 * token + 1]!];
    if (!shown[sequenceIds[token]!]!.subarray(start, end).includes(1)) labels[token] = id;
  });
  return { shown: { ids, features, segments: tokens.segments, table }, labels };
}
