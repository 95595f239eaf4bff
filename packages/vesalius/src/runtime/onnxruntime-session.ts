import type * as OnnxRuntime from "onnxruntime-web";
import { VesaliusError } from "../common/errors.ts";
import type { EngineType, Tensor, Tensors } from "../graph/index.ts";
import type { Session } from "./backend.ts";

/** The interface that onnxruntime-node and onnxruntime-web share. */
export type Runtime = Pick<typeof OnnxRuntime, "Tensor" | "InferenceSession" | "env">;

/** A tensor of the engine, and a loaded model of it. */
export type EngineTensor = OnnxRuntime.Tensor;
/** A loaded model of the engine. */
export type EngineSession = OnnxRuntime.InferenceSession;

/** Turns tensors that do not lie in the main memory into the engine's and back. */
export interface Residence {
  /** The engine's tensor behind one of ours, if it lies on the device. */
  engineTensor(tensor: Tensor): EngineTensor | undefined;
  /** Our tensor for one that the engine left on the device. */
  adopt(tensor: EngineTensor): Tensor;
}

const wrapped = new WeakMap<Tensor, EngineTensor>();

/** The engine's view of a tensor; the storage is shared, and the wrapper is kept for tensors that are used again. */
function wrap(ort: Runtime, tensor: Tensor): EngineTensor {
  let view = wrapped.get(tensor);
  if (view === undefined) {
    view = new ort.Tensor(tensor.dtype as OnnxRuntime.Tensor.Type, tensor.data, tensor.shape);
    wrapped.set(tensor, view);
  }
  return view;
}

/** Our view of a tensor in the main memory. Engines that know `Float16Array` give one, which we hold as bit patterns. */
export function unwrap({ type, dims, data }: EngineTensor): Tensor {
  const bits =
    type === "float16" && ArrayBuffer.isView(data) && !(data instanceof Uint16Array)
      ? new Uint16Array(data.buffer, data.byteOffset, data.length)
      : data;
  return { dtype: type, shape: dims, data: bits };
}

/** `runtime-failure` with the engine's own message. */
export const engineError = (what: string, error: unknown): VesaliusError =>
  new VesaliusError("runtime-failure", `${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });

/** How a session of the engine is used. */
export interface EngineSessionOptions {
  /** What the engine infers of the outputs, where it tells. */
  readonly outputTypes?: ReadonlyMap<string, EngineType>;
  /** Where tensors of the device are known. */
  readonly residence?: Residence;
  /** Whether the engine fills given output tensors. */
  readonly writesInPlace: boolean;
  /** Runs one thing after the other, for engines that cannot do two at once. */
  readonly inTurn?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A model in ONNX Runtime, whichever package runs it. */
export class OnnxRuntimeSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly outputTypes?: ReadonlyMap<string, EngineType>;
  readonly #ort: Runtime;
  readonly #session: EngineSession;
  readonly #options: EngineSessionOptions;

  constructor(ort: Runtime, session: EngineSession, options: EngineSessionOptions) {
    this.#ort = ort;
    this.#session = session;
    this.#options = options;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    if (options.outputTypes !== undefined) this.outputTypes = options.outputTypes;
  }

  async run(feeds: Tensors, fetches?: Tensors): Promise<Tensors> {
    const { residence, writesInPlace, inTurn = (work) => work() } = this.#options;
    const view = (tensor: Tensor): EngineTensor => residence?.engineTensor(tensor) ?? wrap(this.#ort, tensor);
    const fed: Record<string, EngineTensor> = {};
    for (const name of this.inputNames) {
      const tensor = feeds.get(name);
      if (tensor === undefined)
        throw new VesaliusError("bad-argument", "an input of the model was not fed", { where: name });
      fed[name] = view(tensor);
    }
    const fetched: Record<string, EngineTensor | null> = {};
    for (const name of this.outputNames) {
      const tensor = writesInPlace ? fetches?.get(name) : undefined;
      fetched[name] = tensor === undefined ? null : view(tensor);
    }
    let results: OnnxRuntime.InferenceSession.OnnxValueMapType;
    try {
      results = await inTurn(() => this.#session.run(fed, fetched));
    } catch (error) {
      throw engineError("ONNX Runtime failed", error);
    }
    const outputs: Tensors = new Map();
    for (const name of this.outputNames) {
      const given = writesInPlace ? fetches?.get(name) : undefined;
      const result = results[name] as EngineTensor;
      if (given !== undefined) outputs.set(name, given);
      else if (residence !== undefined && result.location === "gpu-buffer") outputs.set(name, residence.adopt(result));
      else outputs.set(name, unwrap(result));
    }
    return outputs;
  }

  async release(): Promise<void> {
    const { inTurn = (work) => work() } = this.#options;
    await inTurn(() => this.#session.release());
  }
}
