import type { EngineType, Tensors } from "../graph/index.ts";

/** Settings of a session, the same for every backend; a backend ignores what it does not have. */
export interface SessionOptions {
  /** Threads inside one operator. All cores by default. */
  readonly threads?: number;
  /** Whether the engine rewrites the model for speed. True by default; without it, loading does the least. */
  readonly optimize?: boolean;
  /** Prefix of a profile file in Chrome's trace format, written when the session is released. Node only. */
  readonly profile?: string;
}

/** A loaded model. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** What the engine infers of its outputs, where it tells. */
  readonly outputTypes?: ReadonlyMap<string, EngineType>;
  /**
   * Runs the model.
   *
   * @param feeds one tensor for each input
   * @param fetches tensors to write outputs into, where the backend can; an output that is not named here is allocated.
   * A fetched tensor may share its storage with a fed one if the model was built for it (see `StatefulProgram`).
   * @returns every output by name
   * @throws VesaliusError `runtime-failure` with the engine's own message
   */
  run(feeds: Tensors, fetches?: Tensors): Promise<Tensors>;
  /** Frees the engine's memory. The session cannot be used afterwards. */
  release(): Promise<void>;
}

/** An engine that runs ONNX models. */
export interface Backend {
  /** For example `node-cpu`. */
  readonly name: string;
  /** Version of the engine. */
  readonly version: string;
  /** Whether fetched tensors are written in place; otherwise state is swapped for new tensors after each run. */
  readonly writesInPlace: boolean;
  /**
   * Loads a model.
   *
   * @throws VesaliusError `runtime-failure` when the engine refuses the model
   */
  load(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}
