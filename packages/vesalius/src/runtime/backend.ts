import type { EngineType, Graph, Tensor, Tensors, TensorType } from "../graph/index.ts";

/** Settings of a session, the same for every backend; a backend ignores what it does not have. */
export interface SessionOptions {
  /** Threads inside one operator. All cores by default. In a browser `onnxRuntimeWeb` fixes it for all sessions. */
  readonly threads?: number;
  /** Whether the engine rewrites the model for speed. True by default; without it, loading does the least. */
  readonly optimize?: boolean;
  /** Prefix of a profile file in Chrome's trace format, written when the session is released. Node only. */
  readonly profile?: string;
  /** Names of outputs that stay in the device's memory, where the backend has a device (see `DeviceMemory`). */
  readonly keepOnDevice?: readonly string[];
  /** Folder of the files in which weights of the model lie, where they do (see `Backend.keepWeights`). */
  readonly weightsFolder?: string;
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

/**
 * Memory of a device beside the main memory. A tensor that lies there is fed like any other; reading its `data` throws
 * until it was downloaded.
 */
export interface DeviceMemory {
  /** Whether the device can store tensors of a type. */
  stores(type: TensorType): boolean;
  /** Whether a tensor lies in the device's memory. */
  holds(tensor: Tensor): boolean;
  /**
   * Copies a tensor of the main memory to the device.
   *
   * @throws VesaliusError `bad-argument` for element types that the device does not store
   */
  upload(tensor: Tensor): Tensor;
  /** Copies a tensor of the device to the main memory; the copy on the device stays. */
  download(tensor: Tensor): Promise<Tensor>;
  /** Frees a tensor of the device, which cannot be used afterwards. Other tensors are left alone. */
  free(tensor: Tensor): void;
}

/** An engine that runs ONNX models. */
export interface Backend {
  /** For example `node-cpu`. */
  readonly name: string;
  /** Version of the engine. */
  readonly version: string;
  /** Whether fetched tensors are written in place; otherwise state is swapped for new tensors after each run. */
  readonly writesInPlace: boolean;
  /** The device's memory, where the engine computes elsewhere than on the processor and lets tensors stay there. */
  readonly device?: DeviceMemory;
  /**
   * Opens a place for weights that never change: what is moved there lies once for all models that are loaded with it, and
   * may be of any size. Absent where models have to hold their weights themselves.
   *
   * @returns moves a tensor there and gives one in its place; what was moved stays as long as one of these is in use
   */
  keepWeights?(): (tensor: Tensor) => Tensor;
  /**
   * Rewrites a graph so that it needs no kernel that the engine lacks or gets wrong. Absent where every operator of the
   * registry runs as it is. `loadGraph` and `Program` apply it.
   */
  lower?(graph: Graph): Graph | Promise<Graph>;
  /**
   * Loads a model.
   *
   * @throws VesaliusError `runtime-failure` when the engine refuses the model
   */
  load(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}
