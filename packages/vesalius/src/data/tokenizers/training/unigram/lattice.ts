import { Trie } from "../../trie.ts";
import type { ScoredPiece } from "./seed-pieces.ts";

/** How much less likely than the least likely piece an unknown character is, as a logarithm. */
const UNKNOWN_PENALTY = 10;

/** One way to write a stretch of a word. `id` is -1 for an unknown character. */
interface Edge {
  readonly start: number;
  readonly end: number;
  readonly id: number;
  readonly score: number;
}

const logAdd = (a: number, b: number): number => {
  if (a === -Infinity) return b;
  const [large, small] = a > b ? [a, b] : [b, a];
  return large + Math.log1p(Math.exp(small - large));
};

/** All segmentations of words under a vocabulary with log probabilities. */
export class UnigramLattice {
  readonly pieces: readonly ScoredPiece[];
  readonly #trie = new Trie();
  readonly #unknownScore: number;

  constructor(pieces: readonly ScoredPiece[]) {
    this.pieces = pieces;
    for (const [id, { piece }] of pieces.entries()) this.#trie.set(piece, id);
    this.#unknownScore = pieces.reduce((least, { score }) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
  }

  /** Edges by where they begin. */
  #edges(word: string): Edge[] {
    const edges: Edge[] = [];
    for (let start = 0; start < word.length;) {
      const next = start + (word.codePointAt(start)! > 0xffff ? 2 : 1);
      const from = start;
      let single = false;
      this.#trie.prefixes(word, start, (end, id) => {
        single ||= end === next;
        edges.push({ start: from, end, id, score: this.pieces[id]!.score });
      });
      if (!single) edges.push({ start, end: next, id: -1, score: this.#unknownScore });
      start = next;
    }
    return edges;
  }

  /**
   * Adds to `expected`, by id, how often each piece is expected in a word that occurs `count` times.
   *
   * @returns log probability of the word
   */
  addExpected(word: string, count: number, expected: Float64Array): number {
    const edges = this.#edges(word);
    const forward = new Float64Array(word.length + 1).fill(-Infinity);
    const backward = new Float64Array(word.length + 1).fill(-Infinity);
    forward[0] = 0;
    backward[word.length] = 0;
    for (const { start, end, score } of edges) forward[end] = logAdd(forward[end]!, forward[start]! + score);
    for (let at = edges.length - 1; at >= 0; at--) {
      const { start, end, score } = edges[at]!;
      backward[start] = logAdd(backward[start]!, backward[end]! + score);
    }
    const total = forward[word.length]!;
    for (const { start, end, id, score } of edges)
      if (id >= 0) expected[id]! += count * Math.exp(forward[start]! + score + backward[end]! - total);
    return total;
  }

  /** Ids of the best segmentation, and of the second best where there is one; -1 for unknown characters. */
  best(word: string, ways: 1 | 2): readonly (readonly number[])[] {
    interface Path {
      readonly score: number;
      readonly edge: Edge | undefined;
      readonly before: Path | undefined;
    }
    const paths: Path[][] = Array.from({ length: word.length + 1 }, () => []);
    paths[0]!.push({ score: 0, edge: undefined, before: undefined });
    for (const edge of this.#edges(word)) {
      const ends = paths[edge.end]!;
      for (const before of paths[edge.start]!) {
        const score = before.score + edge.score;
        const at = ends.findIndex((path) => path.score < score);
        if (at >= 0) ends.splice(at, 0, { score, edge, before });
        else if (ends.length < ways) ends.push({ score, edge, before });
        if (ends.length > ways) ends.pop();
      }
    }
    return paths[word.length]!.map((last) => {
      const ids: number[] = [];
      for (let path: Path | undefined = last; path?.edge !== undefined; path = path.before) ids.push(path.edge.id);
      return ids.reverse();
    });
  }
}
