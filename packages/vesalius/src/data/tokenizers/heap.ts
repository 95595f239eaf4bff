/** A queue that always gives what comes before all others in it. */
export class Heap<Value> {
  readonly #values: Value[] = [];
  readonly #before: (a: Value, b: Value) => boolean;

  /** @param before a total order, so that the same values always come out in the same order */
  constructor(before: (a: Value, b: Value) => boolean) {
    this.#before = before;
  }

  push(value: Value): void {
    const values = this.#values;
    let at = values.length;
    values.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(value, values[parent]!)) break;
      values[at] = values[parent]!;
      at = parent;
    }
    values[at] = value;
  }

  /** Takes the first value out; undefined where there is none. */
  pop(): Value | undefined {
    const values = this.#values;
    const first = values[0];
    const moved = values.pop();
    if (moved === undefined || values.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= values.length) break;
      if (child + 1 < values.length && this.#before(values[child + 1]!, values[child]!)) child++;
      if (!this.#before(values[child]!, moved)) break;
      values[at] = values[child]!;
      at = child;
    }
    values[at] = moved;
    return first;
  }
}
