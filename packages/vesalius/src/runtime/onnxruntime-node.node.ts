import type * as OnnxRuntime from "onnxruntime-node";
import {
  blockConvolutions,
  type DataType,
  dataTypes,
  type EngineType,
  fuseMatrixProducts,
  type Graph,
  lowerForProcessor,
  lowerForWebGpu,
  runtimeExtent,
} from "../graph/index.ts";
import type { Backend, Session, SessionOptions } from "./backend.ts";
import { channelsInBlock } from "./channel-blocks.ts";
import { checkThreads, defaultThreads } from "./default-threads.node.ts";
import { loadOnnxRuntimeNode } from "./load-onnxruntime.node.ts";
import { MappedWeights } from "./mapped-weights.node.ts";
import { loadDespiteMoves } from "./moved-quantization.ts";
import { engineError, OnnxRuntimeSession } from "./onnxruntime-session.ts";
import { checkProvider } from "./provider-check.ts";

let block: Promise<number | undefined> | undefined;

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

/** Where Node runs models. */
export type NodeProvider = "cpu" | "cuda" | "webgpu";

/** Options of `onnxRuntimeNode`. */
export interface NodeOptions {
  /** `cpu` by default. */
  readonly provider?: NodeProvider;
  /**
   * Whether operators for which a graphics processor has no kernel run on the processor instead, which costs copies at
   * every step. True by default; without it a model that needs this is refused.
   */
  readonly processorFallback?: boolean;
}

/** What a provider needs that is not in the package. */
const remedies: Readonly<Record<NodeProvider, string>> = {
  cpu: "install onnxruntime-node again",
  cuda:
    "install CUDA 12 and cuDNN 9, then run: ONNXRUNTIME_NODE_INSTALL=1 node node_modules/onnxruntime-node/script/install; " +
    "or use the provider cpu",
  webgpu: "install a Vulkan driver for the graphics processor, or use the provider cpu",
};

/**
 * ONNX Runtime through onnxruntime-node, on the processor or, where there is one, on a graphics processor. Outputs are
 * written into the tensors that are given for them. A provider is tried with a small model first; a driver that ends the
 * process instead of failing cannot be caught so (`vesalius doctor` tries providers in processes of their own).
 *
 * @throws VesaliusError `missing-dependency` when onnxruntime-node is not installed, or the provider's driver is not;
 * `bad-configuration` for a number of threads in `VESALIUS_THREADS` that is none
 */
export async function onnxRuntimeNode(options: NodeOptions = {}): Promise<Backend> {
  // What the environment says is refused before anything is loaded.
  defaultThreads();
  const ort = await loadOnnxRuntimeNode();
  const provider = options.provider ?? "cpu";
  const create = (
    model: Uint8Array,
    settings: SessionOptions,
    moreConfiguration: Readonly<Record<string, string>> = {},
  ): Promise<OnnxRuntime.InferenceSession> =>
    ort.InferenceSession.create(model, {
      executionProviders: [provider],
      intraOpNumThreads: settings.threads ?? defaultThreads(),
      graphOptimizationLevel: settings.optimize === false ? "disabled" : "all",
      logSeverityLevel: 3,
      // Products with quantised weights in float32: by default the engine rounds the other operand to 8 bits too.
      extra: {
        session: {
          qdq_matmulnbits_accuracy_level: "1",
          ...moreConfiguration,
          ...(settings.weightsFolder === undefined
            ? {}
            : { model_external_initializers_file_folder_path: settings.weightsFolder }),
          ...(options.processorFallback === false ? { disable_cpu_ep_fallback: "1" } : {}),
        },
      },
      ...(settings.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: settings.profile }),
    });
  if (provider !== "cpu") {
    const session = await checkProvider(provider, (model) => create(model, {}), ort, remedies[provider]);
    await session.release();
  }
  const lowerForCpu = async (graph: Graph): Promise<Graph> => {
    const fused = lowerForProcessor(graph);
    // Elsewhere than on x64 the operators on blocks are there, and no kernels behind them.
    if (process.arch !== "x64" || fused.nodes.every(({ type }) => type !== "Conv")) return fused;
    block ??= channelsInBlock(ort, (model) => create(model, {}));
    const inBlock = await block;
    return inBlock === undefined ? fused : blockConvolutions(fused, inBlock);
  };
  const rewriting = { cpu: lowerForCpu, cuda: fuseMatrixProducts, webgpu: lowerForWebGpu };
  return {
    name: `node-${provider}`,
    version: ort.env.versions.node ?? ort.env.versions.common,
    writesInPlace: true,
    lower: rewriting[provider],
    keepWeights: () => {
      const weights = new MappedWeights();
      return (tensor) => weights.keep(tensor);
    },
    async load(model: Uint8Array, settings: SessionOptions = {}): Promise<Session> {
      if (settings.threads !== undefined) checkThreads(settings.threads);
      try {
        const session = await loadDespiteMoves((more) => create(model, settings, more));
        return new OnnxRuntimeSession(ort, session, { writesInPlace: true, outputTypes: outputTypesOf(session) });
      } catch (error) {
        throw engineError("ONNX Runtime refuses the model", error);
      }
    },
  };
}
