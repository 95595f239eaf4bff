import { byUnits } from "../most-frequent.ts";
import { isValidPiece } from "../valid-piece.ts";

/** A piece and what speaks for it: a count, then a log probability. */
export interface ScoredPiece {
  readonly piece: string;
  readonly score: number;
}

/** Options of the first vocabulary, which training prunes. */
export interface SeedOptions {
  /** Most characters of a piece. */
  readonly longest: number;
  /** Most pieces beside the characters. */
  readonly size: number;
  /** The sign of a space. */
  readonly space: string;
}

/** Suffixes of all words in the order of their first `depth` characters; 0 ends a word. */
function sortedSuffixes(text: Int32Array, alphabet: number, depth: number): Int32Array {
  let order = new Int32Array(text.length);
  let next = new Int32Array(text.length);
  for (let at = 0; at < order.length; at++) order[at] = at;
  // Ends of words: what follows does not count. A distance of each place to its end says where to stop.
  const left = new Int32Array(text.length);
  for (let at = text.length - 1; at >= 0; at--) left[at] = text[at] === 0 ? 0 : (left[at + 1] ?? 0) + 1;
  const key = (start: number, offset: number): number => (offset < left[start]! ? text[start + offset]! : 0);
  for (let offset = depth - 1; offset >= 0; offset--) {
    const first = new Int32Array(alphabet + 2);
    for (const start of order) first[key(start, offset) + 1]!++;
    for (let rank = 0; rank <= alphabet; rank++) first[rank + 1]! += first[rank]!;
    for (const start of order) next[first[key(start, offset)]!++] = start;
    [order, next] = [next, order];
  }
  return order;
}

/**
 * Pieces to begin with: all characters, and the substrings of words that occur more than once and are followed by
 * different characters, those with the most characters of the corpus first. As google/sentencepiece
 * (`MakeSeedSentencePieces`), which finds them in a suffix array; here the end of a word counts as another character each
 * time.
 */
export function seedPieces(words: ReadonlyMap<string, number>, options: SeedOptions): ScoredPiece[] {
  const characters = new Map<string, number>();
  for (const [word, count] of words)
    for (const character of word) characters.set(character, (characters.get(character) ?? 0) + count);
  const alphabet = [...characters.keys()].toSorted(byUnits);
  const rank = new Map(alphabet.map((character, at) => [character, at + 1]));

  const sorted = [...words].toSorted(([a], [b]) => byUnits(a, b));
  const places: number[] = [];
  const weights: number[] = [];
  for (const [word, count] of sorted) {
    for (const character of word) {
      places.push(rank.get(character)!);
      weights.push(count);
    }
    places.push(0);
    weights.push(0);
  }
  const text = Int32Array.from(places);
  const order = sortedSuffixes(text, alphabet.length, options.longest + 1);
  const before = new Float64Array(order.length + 1);
  for (const [at, start] of order.entries()) before[at + 1] = before[at]! + weights[start]!;

  /** Characters that two suffixes begin with alike, at most one more than a piece may have. */
  const shared = (a: number, b: number): number => {
    let length = 0;
    while (length <= options.longest && text[a + length] === text[b + length] && text[a + length] !== 0) length++;
    return length;
  };
  const found: ScoredPiece[] = [];
  const offer = (length: number, from: number, to: number): void => {
    if (length < 2 || length > options.longest) return;
    const start = order[from]!;
    const piece = Array.from(text.subarray(start, start + length), (at) => alphabet[at - 1]!);
    if (!isValidPiece(piece, options.space)) return;
    found.push({ piece: piece.join(""), score: (before[to]! - before[from]!) * length });
  };
  // Intervals of suffixes with a common beginning, closed where the next suffix shares less (Abouelhoda et al. 2004).
  const open: { length: number; from: number }[] = [];
  let last = 0;
  for (let at = 1; at <= order.length; at++) {
    const length = at < order.length ? shared(order[at - 1]!, order[at]!) : 0;
    let from = at - 1;
    // The rest of a word that occurs more than once, where no other word shares it.
    const rest = text.indexOf(0, order[from]) - order[from]!;
    if (rest > Math.max(last, length) && weights[order[from]!]! > 1) offer(rest, from, at);
    last = length;
    while (open.length > 0 && open.at(-1)!.length > length) {
      const interval = open.pop()!;
      offer(interval.length, interval.from, at);
      from = interval.from;
    }
    if (length > 0 && (open.at(-1)?.length ?? 0) < length) open.push({ length, from });
  }
  const byScore = (a: ScoredPiece, b: ScoredPiece): number => b.score - a.score || byUnits(a.piece, b.piece);
  const single = [...characters].map(([piece, score]) => ({ piece, score }));
  return [...single.toSorted(byScore), ...found.toSorted(byScore).slice(0, options.size)];
}
