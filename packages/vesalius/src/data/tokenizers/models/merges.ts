import { VesaliusError } from "../../../common/errors.ts";
import { Heap } from "../heap.ts";
import type { Vocabulary } from "../vocabulary.ts";

/** Symbols of a piece: ids and where they stand, in UTF-16 units. */
export interface Symbols {
  readonly ids: number[];
  readonly starts: number[];
  readonly ends: number[];
}

/** Positions and ranks share one number of the queue. */
const POSITIONS = 2 ** 30;

/** Joins neighbours into larger tokens, in the order in which the joins were learned. */
export class Merges {
  /** Rank of a pair `left * size + right`. */
  readonly #ranks = new Map<number, number>();
  readonly #joined: number[] = [];
  readonly #size: number;

  /**
   * @param pairs in the order in which they were learned
   * @param prefix of tokens inside a word, which a join drops from its right half
   * @throws VesaliusError `bad-file` for a merge whose halves or result are not in the vocabulary
   */
  constructor(
    vocabulary: Vocabulary,
    pairs: readonly (readonly [left: string, right: string])[],
    prefix: string,
    where: string,
  ) {
    this.#size = vocabulary.tokens.length;
    for (const [rank, [left, right]] of pairs.entries()) {
      const joined = left + (prefix !== "" && right.startsWith(prefix) ? right.slice(prefix.length) : right);
      const ids = [left, right, joined].map((token) => vocabulary.ids.get(token));
      if (ids.includes(undefined))
        throw new VesaliusError("bad-file", `merge ${rank + 1} needs a token that the vocabulary does not have`, {
          where,
          fix: "take vocabulary and merges from one checkpoint",
        });
      const key = ids[0]! * this.#size + ids[1]!;
      if (!this.#ranks.has(key)) this.#ranks.set(key, rank);
      this.#joined.push(ids[2]!);
    }
  }

  /** Joins all that can be joined, lowest rank first and leftmost of equal ones. Time grows as n log n. */
  apply(symbols: Symbols): Symbols {
    const { ids, starts, ends } = symbols;
    const count = ids.length;
    const previous = Array.from(ids, (_, at) => at - 1);
    const next = Array.from(ids, (_, at) => at + 1);
    const queue = new Heap<number>((a, b) => a < b);
    const offer = (left: number): void => {
      const right = left < 0 ? count : next[left]!;
      if (right >= count) return;
      const rank = this.#rank(ids[left]!, ids[right]!);
      if (rank !== undefined) queue.push(rank * POSITIONS + left);
    };
    for (let at = 0; at + 1 < count; at++) offer(at);
    for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
      const left = top % POSITIONS;
      const rank = (top - left) / POSITIONS;
      const right = next[left]!;
      // The pair may have been joined otherwise since it was offered.
      if (ids[left]! < 0 || right >= count || this.#rank(ids[left]!, ids[right]!) !== rank) continue;
      ids[left] = this.#joined[rank]!;
      ends[left] = ends[right]!;
      ids[right] = GONE;
      const after = next[right]!;
      next[left] = after;
      if (after < count) previous[after] = left;
      offer(previous[left]!);
      offer(left);
    }
    const kept = [...ids.keys()].filter((at) => ids[at] !== GONE);
    return {
      ids: kept.map((at) => ids[at]!),
      starts: kept.map((at) => starts[at]!),
      ends: kept.map((at) => ends[at]!),
    };
  }

  #rank(left: number, right: number): number | undefined {
    return left < 0 || right < 0 ? undefined : this.#ranks.get(left * this.#size + right);
  }
}

/** Id of a symbol that is part of its left neighbour now. */
const GONE = -2;
