import { elementCount, type Tensor, type Tensors } from "../graph/index.ts";

/** Fewest slots of a cache: below, compiling anew costs more than the slots. */
const fewestSlots = 64;

/**
 * Number of slots for texts of a length: doubled until they fit, so that a growing text needs few sessions.
 *
 * @param most slots are never more than this
 */
export function slotsFor(length: number, most: number): number {
  let slots = fewestSlots;
  while (slots < length) slots *= 2;
  return Math.min(slots, most);
}

/**
 * Copies the first `used` slots of keys or values `[rows, heads, slots, headWidth]` into another tensor, whose row i
 * gets row `parents[i]`.
 */
function copyRows(source: Tensor, target: Tensor, parents: ArrayLike<number>, used: number): void {
  const [, heads, from, width] = source.shape as [number, number, number, number];
  const to = target.shape[2]!;
  const [read, write] = [source.data as Float32Array, target.data as Float32Array];
  for (let row = 0; row < parents.length; row++)
    for (let head = 0; head < heads; head++) {
      const start = (parents[row]! * heads + head) * from * width;
      write.set(read.subarray(start, start + used * width), (row * heads + head) * to * width);
    }
}

/**
 * Copies keys and values `[rows, heads, slots, headWidth]`, row i from row `parents[i]`, to tensors of `slots` slots.
 *
 * @param used slots that hold anything
 */
export function rearrange(caches: Tensors, parents: ArrayLike<number>, slots: number, used: number): Tensors {
  const copies: Tensors = new Map();
  for (const [name, source] of caches) {
    const shape = [parents.length, source.shape[1]!, slots, source.shape[3]!];
    const copy: Tensor = { dtype: "float32", shape, data: new Float32Array(elementCount(shape)) };
    copyRows(source, copy, parents, used);
    copies.set(name, copy);
  }
  return copies;
}

/**
 * Puts the rows of keys and values in another order: row i becomes what row `parents[i]` was, as the best
 * continuations of a beam search come from rows in any order and number. Two sets of buffers take turns.
 */
export class RowOrder {
  #spare: Tensors = new Map();

  /** @param caches replaced by their reordered copies */
  apply(caches: Tensors, parents: ArrayLike<number>, used: number): void {
    if (Array.from(parents).every((parent, row) => parent === row)) return;
    for (const [name, source] of caches) {
      const spare = this.#spare.get(name);
      const fits = spare !== undefined && spare.shape[2] === source.shape[2];
      const target = fits ? spare : { ...source, data: new Float32Array(source.data.length) };
      copyRows(source, target, parents, used);
      caches.set(name, target);
      this.#spare.set(name, source);
    }
  }
}
