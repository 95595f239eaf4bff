/** Texts by their UTF-16 units, the same on every machine. */
export const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Special tokens, then pieces from the most frequent on; of equal counts, in the order of their units.
 *
 * @param size most tokens, special ones among them
 */
export function mostFrequent(
  counts: ReadonlyMap<string, number>,
  special: readonly string[],
  { size, minimumFrequency }: { readonly size: number; readonly minimumFrequency: number },
): string[] {
  const pieces = [...counts]
    .filter(([piece, count]) => count >= minimumFrequency && !special.includes(piece))
    .toSorted(([a, countA], [b, countB]) => countB - countA || byUnits(a, b));
  return [...special, ...pieces.map(([piece]) => piece)].slice(0, Math.max(size, special.length));
}
