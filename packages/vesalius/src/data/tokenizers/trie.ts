/** Units of UTF-16 that a key can have. */
const UNITS = 0x10000;

/** Texts with a number each, found by what a longer text begins with. */
export class Trie {
  /** Child of a node by unit, under `node * UNITS + unit`. */
  readonly #children = new Map<number, number>();
  readonly #values: number[] = [-1];

  /** @param value an integer from 0 */
  set(text: string, value: number): void {
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      const key = node * UNITS + text.charCodeAt(at);
      let child = this.#children.get(key);
      if (child === undefined) {
        child = this.#values.length;
        this.#values.push(-1);
        this.#children.set(key, child);
      }
      node = child;
    }
    this.#values[node] = value;
  }

  /** Calls back with the end and number of every text that stands in `within` from `start` on, shortest first. */
  prefixes(within: string, start: number, each: (end: number, value: number) => void): void {
    let node = 0;
    for (let at = start; at < within.length; at++) {
      const child = this.#children.get(node * UNITS + within.charCodeAt(at));
      if (child === undefined) return;
      node = child;
      const value = this.#values[node]!;
      if (value >= 0) each(at + 1, value);
    }
  }
}
