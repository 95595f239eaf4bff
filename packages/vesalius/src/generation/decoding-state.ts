import type { Tensors } from "../graph/index.ts";
import type { StatefulGraph } from "./decode-graph.ts";
import { rearrange, RowOrder, slotsFor } from "./key-value-cache.ts";
import { logitRows, type Ready } from "./prefill.ts";
import type { LogitRows, Texts } from "./texts.ts";

/** What texts that keep keys and values start from. */
export interface DecodingStart {
  readonly ready: Ready<{ readonly contextLength: number }>;
  /** Names the program of a number of slots. */
  readonly key: (slots: number) => string;
  readonly build: (slots: number) => StatefulGraph;
  /** Keys and values of every layer, `[texts, heads, slots, headWidth]`. */
  readonly caches: Tensors;
  /** Number of tokens that each text has, all of them in the caches. */
  readonly lengths: Int32Array;
  readonly logits: LogitRows;
  /** Inputs that are the same for every token. */
  readonly feeds?: Tensors;
}

/** Texts whose keys and values are kept: a token costs one pass of one token. */
export class DecodingState implements Texts {
  readonly #start: DecodingStart;
  readonly #order = new RowOrder();
  #caches: Tensors;
  #lengths: Int32Array;
  #logits: LogitRows;

  constructor(start: DecodingStart) {
    this.#start = start;
    this.#caches = start.caches;
    this.#lengths = start.lengths;
    this.#logits = start.logits;
  }

  get logits(): LogitRows {
    return this.#logits;
  }

  async append(tokens: ArrayLike<number>, parents?: ArrayLike<number>): Promise<void> {
    const { ready, key, build, feeds = new Map() } = this.#start;
    const rows = this.#lengths.length;
    const used = Math.max(...this.#lengths);
    if (parents !== undefined) {
      this.#caches = await ready.programs.fetch(this.#caches);
      this.#order.apply(this.#caches, parents, used);
      this.#lengths = Int32Array.from(parents, (parent) => this.#lengths[parent]!);
    }
    const slots = await this.#makeRoom(used);
    const outputs = await ready.programs.run(
      key(slots),
      () => build(slots),
      new Map([
        ...feeds,
        ["tokens", { dtype: "int32" as const, shape: [rows, 1], data: Int32Array.from(tokens) }],
        ["positions", { dtype: "int32" as const, shape: [rows, 1], data: this.#lengths }],
      ]),
      this.#caches,
    );
    this.#lengths = this.#lengths.map((length) => length + 1);
    this.#logits = logitRows(outputs);
  }

  release(): void {
    this.#start.ready.programs.free(this.#caches);
  }

  /** Makes sure that there is a slot behind the longest text, and returns the number of slots. */
  async #makeRoom(used: number): Promise<number> {
    const [first] = this.#caches.values();
    const before = first!.shape[2]!;
    if (used < before) return before;
    const { definition, programs } = this.#start.ready;
    const slots = slotsFor(used + 1, definition.contextLength);
    const held = await programs.fetch(this.#caches);
    this.#caches = rearrange(
      held,
      this.#lengths.map((_, row) => row),
      slots,
      used,
    );
    return slots;
  }
}
