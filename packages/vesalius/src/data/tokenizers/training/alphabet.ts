import { byUnits } from "./most-frequent.ts";

/** Which characters a vocabulary begins with. */
export interface AlphabetOptions {
  /** In any case, whether the corpus has them or not: the characters of all bytes. */
  readonly initial?: readonly string[];
  /** Most characters, the most frequent ones. */
  readonly limit?: number;
  /** Share of the corpus that the characters must cover; rarer ones are left out. */
  readonly coverage?: number;
}

/** Characters of words with their counts, most frequent first. */
export function countCharacters(words: ReadonlyMap<string, number>): [character: string, count: number][] {
  const counts = new Map<string, number>();
  for (const [word, count] of words)
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
  return [...counts].toSorted(([a, countA], [b, countB]) => countB - countA || byUnits(a, b));
}

/** The characters of a vocabulary, most frequent first; initial ones that the corpus lacks last. */
export function alphabetOf(words: ReadonlyMap<string, number>, options: AlphabetOptions): string[] {
  const initial = new Set(options.initial ?? []);
  const characters = countCharacters(words);
  const total = characters.reduce((sum, [, count]) => sum + count, 0);
  const kept: string[] = [];
  let covered = 0;
  let others = options.limit === undefined ? Infinity : options.limit - initial.size;
  for (const [character, count] of characters) {
    const wanted = others > 0 && covered < total * (options.coverage ?? 1);
    covered += count;
    if (!initial.has(character) && !wanted) continue;
    if (!initial.has(character)) others--;
    kept.push(character);
  }
  return [...kept, ...[...initial].filter((character) => !kept.includes(character))];
}
