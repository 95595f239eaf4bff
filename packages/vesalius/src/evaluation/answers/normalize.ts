const articles = new Set(["a", "an", "the"]);

/** A number with its sign, points and commas, or a word of letters, digits and marks. */
const wordPattern = /(?<![\p{L}\p{N}])-?\d+(?:[.,]\d+)*|[\p{L}\p{N}\p{M}]+/gu;

/**
 * An answer without what does not change its meaning: case, punctuation, articles, spaces and Unicode forms (after the
 * normalization of SQuAD's evaluation, Rajpurkar et al. 2016, but numbers keep sign, point and comma). An answer that would
 * vanish, such as the letter of a choice or a sign, is kept.
 *
 * @example
 * normalizeAnswer("The Right lung."); // "right lung"
 */
export function normalizeAnswer(text: string): string {
  const plain = text.normalize("NFKC").toLowerCase();
  const words: readonly string[] = plain.match(wordPattern) ?? [];
  const kept = words.filter((word) => !articles.has(word));
  return (kept.length > 0 ? kept : words).join(" ") || plain.trim();
}

/** Words of a normalized answer with how often each occurs. */
function countWords(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** F1 of the words that two normalized answers share, in [0, 1]; 1 where both are empty (SQuAD). */
export function wordF1(first: string, second: string): number {
  const [a, b] = [first, second].map((text) => text.split(" ").filter(Boolean));
  if (a!.length === 0 || b!.length === 0) return a!.length === b!.length ? 1 : 0;
  const counts = countWords(b!);
  let shared = 0;
  for (const [word, count] of countWords(a!)) shared += Math.min(count, counts.get(word) ?? 0);
  return (2 * shared) / (a!.length + b!.length);
}
