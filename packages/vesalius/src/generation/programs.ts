import type { Tensors } from "../graph/index.ts";
import { type Backend, Program, SessionCache } from "../runtime/index.ts";
import type { StatefulGraph } from "./decode-graph.ts";

/**
 * Programs of one model by the shapes that they were compiled for. Runs follow one another, so that a program that
 * makes room for another is never in use.
 */
export class Programs {
  readonly #backend: Backend;
  readonly #cache = new SessionCache<Program>(8);
  #last: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /**
   * Runs the program of a key once; see `Program.run`.
   *
   * @param build makes its graph where the key is new
   */
  run(key: string, build: () => StatefulGraph, feeds: Tensors, state: Tensors): Promise<Tensors> {
    const result = this.#last.then(async () => {
      const program = await this.#cache.get(key, () => {
        const { graph, states } = build();
        return Program.compile(graph, this.#backend, states);
      });
      return program.run(feeds, state);
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Brings tensors that lie in the memory of a device to the main memory, and frees them there. */
  async fetch(tensors: Tensors): Promise<Tensors> {
    const { device } = this.#backend;
    if (device === undefined) return tensors;
    const fetched: Tensors = new Map();
    for (const [name, tensor] of tensors)
      fetched.set(name, device.holds(tensor) ? await device.download(tensor) : tensor);
    this.free(tensors);
    return fetched;
  }

  /** Frees what a device holds of tensors that nobody reads any more. */
  free(tensors: Tensors): void {
    const { device } = this.#backend;
    if (device !== undefined) for (const tensor of tensors.values()) device.free(tensor);
  }

  /** Frees every program once the running one has ended. */
  async release(): Promise<void> {
    await this.#last;
    await this.#cache.release();
  }
}
