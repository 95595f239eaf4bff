/**
 * The best `limit` of some positions, best first; of equal scores the lower position first.
 *
 * @param positions are put in another order
 * @param scores of all positions
 */
export function bestScored(positions: Int32Array, scores: ArrayLike<number>, limit: number): Int32Array {
  const better = (a: number, b: number) => scores[b]! - scores[a]! || a - b;
  if (limit >= positions.length) return positions.sort(better);
  // Most queries share a frequent word with most documents, and sorting them all would take longer than scoring them.
  const kept = positions.slice(0, limit).sort(better);
  for (const position of positions.subarray(limit)) {
    let rank = limit;
    while (rank > 0 && better(position, kept[rank - 1]!) < 0) rank -= 1;
    if (rank === limit) continue;
    kept.copyWithin(rank + 1, rank, limit - 1);
    kept[rank] = position;
  }
  return kept;
}
