/**
 * Values of one cell as the bin that they fall into, from 1 to `bins - 1`: the edges are quantiles of the cell's own
 * values, so that bins mean the same in cells of any depth; 0 is left to genes without a value. As scGPT's `binning`
 * (Cui et al. 2024), except that values on an edge always go up.
 *
 * @param values falling
 */
export function binnedValues(values: Float32Array, bins: number): Float32Array {
  const count = values.length;
  const ascending = (index: number): number => values[count - 1 - index]!;
  const edges = Float64Array.from({ length: bins - 1 }, (_, i) => {
    const position = (i / Math.max(1, bins - 2)) * (count - 1);
    const below = Math.floor(position);
    const left = ascending(below);
    return left + (position - below) * (ascending(Math.min(below + 1, count - 1)) - left);
  });
  let bin = bins - 1;
  return values.map((value) => {
    while (bin > 1 && edges[bin - 1]! > value) bin--;
    return bin;
  });
}

/** Share of a cell's values that are at most each one, in (0, 1]; equal values share the mean of theirs. */
export function rankedValues(values: Float32Array): Float32Array {
  const count = values.length;
  const ranks = new Float32Array(count);
  for (let start = 0; start < count;) {
    let end = start + 1;
    while (end < count && values[end] === values[start]) end++;
    // Places are counted from the highest value, ranks from the lowest.
    ranks.fill((count - (start + end - 1) / 2) / count, start, end);
    start = end;
  }
  return ranks;
}
