import { BoundedProcess } from "../../common/bounded-process.node.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { EngineType, ImportEngine, Tensors } from "../../graph/index.ts";

/** What the engine is asked in its process. */
export interface EngineRequest {
  readonly what: "describe" | "run";
  readonly model: Uint8Array;
}

/** What it answers. */
export interface EngineReply {
  readonly types?: ReadonlyMap<string, EngineType>;
  readonly tensors?: Tensors;
}

/** Index arithmetic takes milliseconds, the process itself some hundred megabytes. */
const limits = { seconds: 3, bytes: 2e9 };
/** How often a model may end the process before the engine is asked nothing more about it. */
const mostFailures = 2;

/** One process for all models, so that its start is paid once. */
const engine = new BoundedProcess<EngineRequest, EngineReply>("./import-engine-worker.node", import.meta.url, limits);

/**
 * ONNX Runtime in a process of its own, which tells `fromOnnx` the types of operators outside the registry and evaluates
 * constants: a file can ask for work without end and for what ends the engine. What goes beyond the limits stays unknown,
 * and a file that does so twice is asked nothing more.
 */
export function boundedImportEngine(): ImportEngine {
  let failures = 0;
  const ask = async (request: EngineRequest): Promise<EngineReply> => {
    if (failures >= mostFailures)
      throw new VesaliusError("runtime-failure", "the model has ended the engine before; it is asked nothing more");
    try {
      return await engine.request(request);
    } catch (error) {
      if (error instanceof VesaliusError && /^the (work was stopped|engine ended)/.test(error.what)) failures++;
      throw error;
    }
  };
  return {
    describe: async (model) => (await ask({ what: "describe", model })).types ?? new Map<string, EngineType>(),
    run: async (model) => (await ask({ what: "run", model })).tensors ?? new Map(),
  };
}
