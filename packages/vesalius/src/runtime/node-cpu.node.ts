import { availableParallelism } from "node:os";
import type * as OnnxRuntime from "onnxruntime-node";
import { VesaliusError } from "../common/errors.ts";
import { type DataType, dataTypes, type EngineType, runtimeExtent, type Tensor, type Tensors } from "../graph/index.ts";
import type { Backend, Session, SessionOptions } from "./backend.ts";

type Runtime = typeof OnnxRuntime;

let loaded: Promise<Runtime> | undefined;

/** Loads onnxruntime-node on first use, because it is heavy and optional. */
function runtime(): Promise<Runtime> {
  loaded ??= import("onnxruntime-node").then(
    // The package is CommonJS: depending on the loader its exports stand at the top or under `default`.
    (module) => (module as unknown as { default?: Runtime }).default ?? module,
    (error: unknown) => {
      loaded = undefined;
      throw new VesaliusError(
        "missing-dependency",
        "the package onnxruntime-node is not installed or does not load here",
        {
          fix: "run: npm install onnxruntime-node",
          cause: error,
        },
      );
    },
  );
  return loaded;
}

const wrapped = new WeakMap<Tensor, OnnxRuntime.Tensor>();

/** The engine's view of a tensor; the storage is shared, and the wrapper is kept for tensors that are used again. */
function wrap(ort: Runtime, tensor: Tensor): OnnxRuntime.Tensor {
  let view = wrapped.get(tensor);
  if (view === undefined) {
    view = new ort.Tensor(tensor.dtype as OnnxRuntime.Tensor.Type, tensor.data, tensor.shape);
    wrapped.set(tensor, view);
  }
  return view;
}

/** Types of the outputs; symbolic extents are those that only a run determines. */
function outputTypesOf(session: OnnxRuntime.InferenceSession): Map<string, EngineType> {
  return new Map(
    session.outputMetadata.map((output): [string, EngineType] => {
      if (!output.isTensor || !(dataTypes as readonly string[]).includes(output.type))
        return [output.name, "not a tensor"];
      const shape = output.shape.map((extent) => (typeof extent === "number" ? extent : runtimeExtent));
      return [output.name, { dtype: output.type as DataType, shape }];
    }),
  );
}

class NodeCpuSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly outputTypes: ReadonlyMap<string, EngineType>;
  readonly #ort: Runtime;
  readonly #session: OnnxRuntime.InferenceSession;

  constructor(ort: Runtime, session: OnnxRuntime.InferenceSession) {
    this.#ort = ort;
    this.#session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.outputTypes = outputTypesOf(session);
  }

  async run(feeds: Tensors, fetches?: Tensors): Promise<Tensors> {
    const fed: Record<string, OnnxRuntime.Tensor> = {};
    for (const name of this.inputNames) {
      const tensor = feeds.get(name);
      if (tensor === undefined)
        throw new VesaliusError("bad-argument", "an input of the model was not fed", { where: name });
      fed[name] = wrap(this.#ort, tensor);
    }
    const fetched: Record<string, OnnxRuntime.Tensor | null> = {};
    for (const name of this.outputNames) {
      const tensor = fetches?.get(name);
      fetched[name] = tensor === undefined ? null : wrap(this.#ort, tensor);
    }
    let results: OnnxRuntime.InferenceSession.OnnxValueMapType;
    try {
      results = await this.#session.run(fed, fetched);
    } catch (error) {
      throw new VesaliusError("runtime-failure", `ONNX Runtime failed: ${(error as Error).message}`, { cause: error });
    }
    const outputs: Tensors = new Map();
    for (const name of this.outputNames) {
      const given = fetches?.get(name);
      if (given !== undefined) {
        outputs.set(name, given);
        continue;
      }
      const { type, dims, data } = results[name] as OnnxRuntime.Tensor;
      outputs.set(name, { dtype: type, shape: dims, data });
    }
    return outputs;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** All cores, or what the environment variable `VESALIUS_THREADS` says: several processes on one machine share it so. */
export function defaultThreads(): number {
  const wanted = Number(process.env["VESALIUS_THREADS"]);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : availableParallelism();
}

/**
 * ONNX Runtime on the CPU through onnxruntime-node, the reference backend. Outputs are written in place.
 *
 * @throws VesaliusError `missing-dependency` when onnxruntime-node is not installed
 */
export async function nodeCpu(): Promise<Backend> {
  const ort = await runtime();
  return {
    name: "node-cpu",
    version: ort.env.versions.node ?? ort.env.versions.common,
    writesInPlace: true,
    async load(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
      try {
        const session = await ort.InferenceSession.create(model, {
          executionProviders: ["cpu"],
          intraOpNumThreads: options.threads ?? defaultThreads(),
          graphOptimizationLevel: options.optimize === false ? "disabled" : "all",
          logSeverityLevel: 3,
          ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
        });
        return new NodeCpuSession(ort, session);
      } catch (error) {
        throw new VesaliusError("runtime-failure", `ONNX Runtime refuses the model: ${(error as Error).message}`, {
          cause: error,
        });
      }
    },
  };
}
