import { Heap } from "../heap.ts";
import { type AlphabetOptions, alphabetOf } from "./alphabet.ts";
import type { Pace } from "./count-pieces.ts";
import { byUnits } from "./most-frequent.ts";

/** Options of byte pair encoding. */
export interface MergeOptions extends AlphabetOptions {
  /** Tokens before all others. */
  readonly special: readonly string[];
  /** Most tokens, special ones among them. */
  readonly vocabularySize: number;
  /** How often a pair must stand side by side to be joined. */
  readonly minimumFrequency: number;
  /** In front of every token that does not begin a word: `##`. */
  readonly prefix?: string;
  /** Which of two equally frequent pairs comes first: by their ids, or the shorter one, then by the order of letters. */
  readonly ties?: "ids" | "shortest";
  /** Whether a text can be a token. */
  readonly isToken?: (text: string) => boolean;
}

/** What was learned. */
export interface LearnedMerges {
  /** In the order of ids. */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [left: string, right: string])[];
}

/** Ids of a pair share one number. */
const IDS = 2 ** 21;

interface Candidate {
  readonly pair: number;
  readonly count: number;
  readonly text: string;
}

/** Words as ids, the pairs in them, and what joining a pair changes. */
class PairCounts {
  readonly counts = new Map<number, number>();
  readonly #words: number[][] = [];
  readonly #weights: number[] = [];
  /** Words in which a pair stands or stood; some twice. */
  readonly #places = new Map<number, number[]>();

  addWord(ids: number[], weight: number): void {
    this.#words.push(ids);
    this.#weights.push(weight);
    for (let at = 0; at + 1 < ids.length; at++)
      this.#change(ids[at]! * IDS + ids[at + 1]!, weight, this.#words.length - 1);
  }

  #change(pair: number, by: number, word: number): void {
    this.counts.set(pair, (this.counts.get(pair) ?? 0) + by);
    if (by < 0) return;
    const places = this.#places.get(pair);
    if (places === undefined) this.#places.set(pair, [word]);
    else if (places.at(-1) !== word) places.push(word);
  }

  /** Joins a pair everywhere, and gives the pairs that appeared. */
  join(pair: number, id: number): Set<number> {
    const [left, right] = [Math.floor(pair / IDS), pair % IDS];
    const appeared = new Set<number>();
    for (const word of this.#places.get(pair) ?? []) {
      const ids = this.#words[word]!;
      const weight = this.#weights[word]!;
      const change = (a: number | undefined, b: number | undefined, by: number): void => {
        if (a === undefined || b === undefined) return;
        this.#change(a * IDS + b, by, word);
        if (by > 0) appeared.add(a * IDS + b);
      };
      for (let at = 0; at + 1 < ids.length; at++) {
        if (ids[at] !== left || ids[at + 1] !== right) continue;
        change(ids[at - 1], left, -weight);
        change(ids[at - 1], id, weight);
        change(right, ids[at + 2], -weight);
        change(id, ids[at + 2], weight);
        ids.splice(at, 2, id);
      }
    }
    this.#places.delete(pair);
    this.counts.delete(pair);
    return appeared;
  }
}

/**
 * Learns byte pair encoding (Sennrich et al. 2016): again and again the pair of neighbours that is most frequent, of equal
 * ones that with the smaller ids, becomes a token. As huggingface/tokenizers (`BpeTrainer`), which its WordPiece is
 * trained with too; words are taken in the order of their units, so that ids do not depend on anything else.
 *
 * @param words pieces of the corpus with their counts
 */
export async function learnMerges(
  words: ReadonlyMap<string, number>,
  options: MergeOptions,
  pace: Pace,
): Promise<LearnedMerges> {
  const { prefix = "", vocabularySize } = options;
  const tokens: string[] = [];
  const ids = new Map<string, number>();
  const idOf = (token: string): number => {
    let id = ids.get(token);
    if (id === undefined) {
      id = tokens.length;
      ids.set(token, id);
      tokens.push(token);
    }
    return id;
  };
  for (const token of options.special) idOf(token);
  const alphabet = new Set(alphabetOf(words, options).toSorted(byCodePoint));
  for (const character of alphabet) idOf(character);

  const pairs = new PairCounts();
  for (const [word, count] of [...words].toSorted(([a], [b]) => byUnits(a, b))) {
    // Characters that are left out part a word.
    let run: number[] = [];
    for (const [at, character] of Array.from(word).entries()) {
      if (alphabet.has(character)) run.push(idOf((at === 0 ? "" : prefix) + character));
      else {
        pairs.addWord(run, count);
        run = [];
      }
    }
    pairs.addWord(run, count);
  }
  const before = options.ties === "shortest" ? shorter : (a: Candidate, b: Candidate) => a.pair - b.pair;
  const queue = new Heap<Candidate>((a, b) => (a.count === b.count ? before(a, b) < 0 : a.count > b.count));
  const offer = (pair: number): void => {
    const [left, right] = [tokens[Math.floor(pair / IDS)]!, tokens[pair % IDS]!];
    const text = left + (prefix !== "" && right.startsWith(prefix) ? right.slice(prefix.length) : right);
    if (options.isToken?.(text) ?? true) queue.push({ pair, count: pairs.counts.get(pair)!, text });
  };
  for (const pair of pairs.counts.keys()) offer(pair);

  const merges: [string, string][] = [];
  const first = tokens.length;
  for (let top = queue.pop(); top !== undefined && tokens.length < vocabularySize; top = queue.pop()) {
    const count = pairs.counts.get(top.pair) ?? 0;
    if (count < Math.max(1, options.minimumFrequency)) continue;
    if (count !== top.count) {
      queue.push({ ...top, count });
      continue;
    }
    merges.push([tokens[Math.floor(top.pair / IDS)]!, tokens[top.pair % IDS]!]);
    for (const pair of pairs.join(top.pair, idOf(top.text))) offer(pair);
    await pace.step("joining pairs", tokens.length - first, vocabularySize - first);
  }
  await pace.finish("joining pairs", tokens.length - first, tokens.length - first);
  return { tokens, merges };
}

const byCodePoint = (a: string, b: string): number => a.codePointAt(0)! - b.codePointAt(0)!;

/** Fewer characters first, then by code points. */
function shorter(a: Candidate, b: Candidate): number {
  const [left, right] = [Array.from(a.text), Array.from(b.text)];
  if (left.length !== right.length) return left.length - right.length;
  const at = left.findIndex((character, position) => character !== right[position]);
  return at < 0 ? a.pair - b.pair : byCodePoint(left[at]!, right[at]!);
}
