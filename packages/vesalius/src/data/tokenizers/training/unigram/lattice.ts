import { Trie } from "../../trie.ts";
import type { ScoredPiece } from "./seed-pieces.ts";

/** How much less likely than the least likely piece an unknown character is, as a logarithm. */
const UNKNOWN_PENALTY = 10;

const logAdd = (a: number, b: number): number => {
  if (a === -Infinity) return b;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
};

/** A way to write what lies before a place. */
interface Path {
  readonly score: number;
  readonly id: number;
  readonly before: Path | undefined;
}

/** All segmentations of words under a vocabulary with log probabilities. */
export class UnigramLattice {
  readonly pieces: readonly ScoredPiece[];
  readonly #trie: Trie;
  readonly #scores: Float64Array;
  readonly #unknownScore: number;
  /** Pieces that stand in the last word, by where they begin: `[start, end)` and id; -1 for an unknown character. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #ids: number[] = [];

  constructor(pieces: readonly ScoredPiece[]) {
    this.pieces = pieces;
    this.#trie = new Trie(pieces.map(({ piece }, id) => [piece, id]));
    this.#scores = Float64Array.from(pieces, ({ score }) => score);
    this.#unknownScore = this.#scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
  }

  /** Finds the pieces of a word and gives their number. */
  #read(word: string): number {
    const [starts, ends, ids] = [this.#starts, this.#ends, this.#ids];
    let count = 0;
    let start = 0;
    let next = 0;
    let single = false;
    const each = (end: number, id: number): void => {
      if (end === next) single = true;
      starts[count] = start;
      ends[count] = end;
      ids[count++] = id;
    };
    for (; start < word.length; start = next) {
      next = start + (word.codePointAt(start)! > 0xffff ? 2 : 1);
      single = false;
      this.#trie.prefixes(word, start, each);
      if (!single) each(next, -1);
    }
    return count;
  }

  #score(id: number): number {
    return id < 0 ? this.#unknownScore : this.#scores[id]!;
  }

  /**
   * Adds to `expected`, by id, how often each piece is expected in a word that occurs `count` times.
   *
   * @returns log probability of the word
   */
  addExpected(word: string, count: number, expected: Float64Array): number {
    const edges = this.#read(word);
    const [starts, ends, ids] = [this.#starts, this.#ends, this.#ids];
    const forward = new Float64Array(word.length + 1).fill(-Infinity);
    const backward = new Float64Array(word.length + 1).fill(-Infinity);
    forward[0] = 0;
    backward[word.length] = 0;
    for (let at = 0; at < edges; at++) {
      const end = ends[at]!;
      forward[end] = logAdd(forward[end]!, forward[starts[at]!]! + this.#score(ids[at]!));
    }
    const total = forward[word.length]!;
    for (let at = edges - 1; at >= 0; at--) {
      const start = starts[at]!;
      const id = ids[at]!;
      const rest = this.#score(id) + backward[ends[at]!]!;
      backward[start] = logAdd(backward[start]!, rest);
      if (id >= 0) expected[id]! += count * Math.exp(forward[start]! + rest - total);
    }
    return total;
  }

  /** Ids of the best segmentation, and of the second best where there is one; -1 for unknown characters. */
  best(word: string, ways: 1 | 2): readonly (readonly number[])[] {
    const edges = this.#read(word);
    const first: (Path | undefined)[] = [{ score: 0, id: -1, before: undefined }];
    const second: (Path | undefined)[] = [];
    const offer = (before: Path, end: number, id: number): void => {
      const score = before.score + this.#score(id);
      const best = first[end];
      if (best === undefined || score > best.score) {
        second[end] = best;
        first[end] = { score, id, before };
      } else if (ways === 2 && (second[end] === undefined || score > second[end].score))
        second[end] = { score, id, before };
    };
    for (let at = 0; at < edges; at++) {
      const start = this.#starts[at]!;
      offer(first[start]!, this.#ends[at]!, this.#ids[at]!);
      const other = second[start];
      if (ways === 2 && other !== undefined) offer(other, this.#ends[at]!, this.#ids[at]!);
    }
    return [first[word.length], second[word.length]].slice(0, ways).flatMap((last) => {
      if (last === undefined) return [];
      const ids: number[] = [];
      for (let path = last; path.before !== undefined; path = path.before) ids.push(path.id);
      return [ids.reverse()];
    });
  }
}
