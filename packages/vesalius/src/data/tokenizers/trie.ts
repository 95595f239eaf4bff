/** Texts with a number each, found by what a longer text begins with. Nodes lie side by side, in the order of their depth. */
export class Trie {
  /** Children of a node are the nodes from its entry up to that of the next node. */
  readonly #children: Int32Array;
  /** UTF-16 unit that leads to a node; those of siblings rise. */
  readonly #units: Uint16Array;
  readonly #values: Int32Array;

  /** @param entries different texts, none empty, with integers from 0 */
  constructor(entries: Iterable<readonly [text: string, value: number]>) {
    const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const texts = sorted.map(([text]) => text);
    const children: number[] = [];
    const units: number[] = [0];
    const values: number[] = [-1];
    /** Texts `[from, to)` that begin as a node does, and how many units that are. */
    const nodes: { readonly from: number; readonly to: number; readonly depth: number }[] = [
      { from: 0, to: texts.length, depth: 0 },
    ];
    for (let node = 0; node < nodes.length; node++) {
      const { from, to, depth } = nodes[node]!;
      children.push(nodes.length);
      let at = from;
      if (at < to && texts[at]!.length === depth) values[node] = sorted[at++]![1];
      while (at < to) {
        const unit = texts[at]!.charCodeAt(depth);
        const first = at;
        while (at < to && texts[at]!.charCodeAt(depth) === unit) at++;
        nodes.push({ from: first, to: at, depth: depth + 1 });
        units.push(unit);
        values.push(-1);
      }
    }
    children.push(nodes.length);
    this.#children = Int32Array.from(children);
    this.#units = Uint16Array.from(units);
    this.#values = Int32Array.from(values);
  }

  /** Child of a node by unit; -1 where there is none. */
  #child(node: number, unit: number): number {
    let low = this.#children[node]!;
    let high = this.#children[node + 1]!;
    while (high - low > 4) {
      const middle = (low + high) >> 1;
      if (this.#units[middle]! <= unit) low = middle;
      else high = middle;
    }
    for (; low < high; low++) if (this.#units[low] === unit) return low;
    return -1;
  }

  /** Calls back with the end and number of every text that stands in `within` from `start` on, shortest first. */
  prefixes(within: string, start: number, each: (end: number, value: number) => void): void {
    let node = 0;
    for (let at = start; at < within.length; at++) {
      node = this.#child(node, within.charCodeAt(at));
      if (node < 0) return;
      const value = this.#values[node]!;
      if (value >= 0) each(at + 1, value);
    }
  }
}
