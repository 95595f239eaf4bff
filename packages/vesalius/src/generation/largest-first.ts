/**
 * Positions of an array in falling order of its numbers, the earlier first among equals. A heap, because callers want
 * the first few of tens of thousands: each costs the logarithm of the length, after one pass over all.
 */
export function* largestFirst(values: Float32Array): Generator<number, void, undefined> {
  const heap = Int32Array.from(values, (_, i) => i);
  let size = heap.length;
  const before = (a: number, b: number): boolean => (values[a] === values[b] ? a < b : values[a]! > values[b]!);
  const sink = (from: number): void => {
    const moved = heap[from]!;
    let hole = from;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, moved)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = moved;
  };
  for (let i = (size >> 1) - 1; i >= 0; i--) sink(i);
  while (size > 0) {
    yield heap[0]!;
    size--;
    heap[0] = heap[size]!;
    sink(0);
  }
}

/** The first `count` of `largestFirst`. */
export function largest(values: Float32Array, count: number): number[] {
  const found: number[] = [];
  for (const position of largestFirst(values)) {
    if (found.length === count) break;
    found.push(position);
  }
  return found;
}

/** Position of the largest number, the first one among equals. */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
