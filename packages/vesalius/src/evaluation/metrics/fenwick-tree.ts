/**
 * Sums over prefixes of a row of numbers that change, both in logarithmic time (Fenwick 1994). It makes metrics over
 * pairs of cases cost O(n log n) instead of O(n^2).
 */
export class FenwickTree {
  readonly #sums: Float64Array;

  constructor(length: number) {
    this.#sums = new Float64Array(length + 1);
  }

  /** Sets all numbers to 0. */
  clear(): void {
    this.#sums.fill(0);
  }

  add(position: number, amount: number): void {
    for (let i = position + 1; i < this.#sums.length; i += i & -i) this.#sums[i]! += amount;
  }

  /** Sum of the numbers before `end`. */
  sumBefore(end: number): number {
    let sum = 0;
    for (let i = end; i > 0; i -= i & -i) sum += this.#sums[i]!;
    return sum;
  }
}
