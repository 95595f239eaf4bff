/** Values of tokens, so many each, behind places that hold `fill`. */
export function behindPlaces(count: number, values: Int32Array, fill: number, each = 1): Int32Array {
  if (count === 0) return values;
  const all = new Int32Array(count * each + values.length).fill(fill, 0, count * each);
  all.set(values, count * each);
  return all;
}
