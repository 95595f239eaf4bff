import type { Graph, Tensors } from "../graph/index.ts";
import { type Backend, downloaded, Program, SessionCache } from "../runtime/index.ts";
import type { StatefulGraph } from "./decode-graph.ts";

/**
 * Programs of one model by the shapes that they were compiled for. Runs follow one another, so that a program that
 * makes room for another is never in use.
 */
export class Programs {
  readonly #backend: Backend;
  readonly #weights: Tensors;
  readonly #rewrite: (graph: Graph) => Graph;
  readonly #stored: Tensors;
  /** The weights where the backend computes, once for all programs. */
  #resident: Tensors | undefined;
  readonly #cache: SessionCache<Program>;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param weights of the model, by name; every program reads some of them
   * @param rewrite changes every graph before it is compiled
   * @param stored weights that stand in every program: the engine brings them into the order of its kernels, a copy for
   * each program, so that few programs are kept
   */
  constructor(
    backend: Backend,
    weights: Tensors,
    rewrite: (graph: Graph) => Graph = (graph) => graph,
    stored: Tensors = new Map(),
  ) {
    this.#backend = backend;
    this.#weights = weights;
    this.#rewrite = rewrite;
    this.#stored = stored;
    this.#cache = new SessionCache<Program>(stored.size === 0 ? 8 : 2);
  }

  /**
   * Runs the program of a key once with the model's weights; see `Program.run`.
   *
   * @param build makes its graph where the key is new
   * @param state what else persists, by name; it is updated
   */
  run(key: string, build: () => StatefulGraph, feeds: Tensors, state: Tensors = new Map()): Promise<Tensors> {
    const result = this.#last.then(async () => {
      const program = await this.#cache.get(key, () => {
        const { graph, states } = build();
        return Program.compile(this.#rewrite(graph), this.#backend, states, { stored: this.#stored });
      });
      const all: Tensors = new Map([...this.#onDevice(), ...state]);
      const outputs = await program.run(feeds, all);
      for (const name of state.keys()) state.set(name, all.get(name)!);
      return outputs;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  #onDevice(): Tensors {
    const { device } = this.#backend;
    if (device === undefined) return this.#weights;
    this.#resident ??= new Map(
      [...this.#weights].map(([name, weight]) => [name, device.stores(weight) ? device.upload(weight) : weight]),
    );
    return this.#resident;
  }

  /** Brings tensors that lie in the memory of a device to the main memory, and frees them there. */
  async fetch(tensors: Tensors): Promise<Tensors> {
    const { device } = this.#backend;
    if (device === undefined) return tensors;
    const fetched = await downloaded(device, tensors);
    this.free(tensors);
    return fetched;
  }

  /** Frees what a device holds of tensors that nobody reads any more. */
  free(tensors: Tensors): void {
    const { device } = this.#backend;
    if (device !== undefined) for (const tensor of tensors.values()) device.free(tensor);
  }

  /** Frees every program, and the weights on a device, once the running one has ended. */
  async release(): Promise<void> {
    await this.#last;
    if (this.#resident !== undefined) this.free(this.#resident);
    this.#resident = undefined;
    await this.#cache.release();
  }
}
