import type * as OnnxRuntime from "onnxruntime-web";
import { VesaliusError } from "../common/errors.ts";
import { lowerForWebAssembly, lowerForWebGpu } from "../graph/index.ts";
import type { Backend, Session, SessionOptions } from "./backend.ts";
import { loadDespiteMoves } from "./moved-quantization.ts";
import { engineError, OnnxRuntimeSession } from "./onnxruntime-session.ts";
import { checkProvider } from "./provider-check.ts";
import { WebDeviceMemory } from "./web-device-memory.ts";

type Runtime = typeof OnnxRuntime;

/** Where a browser runs models: on the processor (WebAssembly) or on the graphics processor (WebGPU). */
export type WebProvider = "wasm" | "webgpu";

/** Options of `onnxRuntimeWeb`. */
export interface WebOptions {
  /** `wasm` by default: it computes what the other backends compute; WebGPU is faster and rounds differently. */
  readonly provider?: WebProvider;
  /**
   * Threads of the processor. All cores by default, and 1 where the page is not cross-origin isolated, because threads
   * need shared memory.
   */
  readonly threads?: number;
  /**
   * Whether operators for which WebGPU has no kernel run on the processor instead, which costs copies at every step.
   * True by default; without it a model that needs this is refused. Only for `webgpu`.
   */
  readonly processorFallback?: boolean;
  /**
   * Where the engine's files are. A bundler knows: with Vite, import `onnxruntime-web/ort-wasm-simd-threaded.wasm?url`
   * and its `.mjs` (for WebGPU the pair with `.asyncify` in its name) and give both URLs. Beside the page by default.
   */
  readonly files?: { readonly wasm: string; readonly mjs: string };
}

/** Serves one thing at a time: one engine cannot run two sessions at once. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}

interface Loaded {
  readonly ort: Runtime;
  readonly inTurn: ReturnType<typeof queue>;
}

const loaded = new Map<WebProvider, Promise<Loaded>>();

/** Loads the engine on first use: each provider is a build of its own, of many megabytes, and optional. */
function runtime(provider: WebProvider): Promise<Loaded> {
  const known = loaded.get(provider);
  if (known !== undefined) return known;
  const load = provider === "wasm" ? import("onnxruntime-web/wasm") : import("onnxruntime-web/webgpu");
  const made = load.then(
    (ort) => ({ ort, inTurn: queue() }),
    (error: unknown) => {
      loaded.delete(provider);
      throw new VesaliusError("missing-dependency", "the package onnxruntime-web is not installed or does not load", {
        fix: "run: npm install onnxruntime-web",
        cause: error,
      });
    },
  );
  loaded.set(provider, made);
  return made;
}

/** All cores where threads are possible. */
function defaultThreads(): number {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  return isolated === true ? navigator.hardwareConcurrency : 1;
}

/** @throws VesaliusError `missing-dependency` where the browser offers no graphics processor */
async function requireAdapter(): Promise<void> {
  const gpu = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  const adapter = (await gpu?.requestAdapter().catch(() => null)) ?? null;
  if (adapter !== null) return;
  throw new VesaliusError(
    "missing-dependency",
    gpu === undefined ? "this browser has no WebGPU" : "WebGPU finds no graphics processor here",
    { fix: "use the provider wasm, or a browser with WebGPU on a page that is served over https or from localhost" },
  );
}

/**
 * ONNX Runtime in a browser (onnxruntime-web), in a page or a worker. State is swapped for new tensors after each run;
 * on WebGPU it stays in the device's memory.
 *
 * @throws VesaliusError `missing-dependency` when onnxruntime-web is not installed, or WebGPU is asked for where there
 * is none; `runtime-failure` when the engine's files are not where they should be
 *
 * @example
 * import mjs from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
 * import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
 * const backend = await onnxRuntimeWeb({ provider: "wasm", files: { mjs, wasm } });
 */
export async function onnxRuntimeWeb(options: WebOptions = {}): Promise<Backend> {
  const provider = options.provider ?? "wasm";
  if (provider === "webgpu") await requireAdapter();
  const { ort, inTurn } = await runtime(provider);
  if (options.files !== undefined) ort.env.wasm.wasmPaths = options.files;
  // Only the first session of the page can still choose.
  ort.env.wasm.numThreads ??= options.threads ?? defaultThreads();
  const create = async (model: Uint8Array, settings: SessionOptions): Promise<OnnxRuntime.InferenceSession> => {
    try {
      return await loadDespiteMoves((more) =>
        inTurn(() =>
          ort.InferenceSession.create(model, {
            executionProviders: [provider],
            graphOptimizationLevel: settings.optimize === false ? "disabled" : "all",
            logSeverityLevel: 3,
            extra: {
              session: { ...more, ...(options.processorFallback === false ? { disable_cpu_ep_fallback: "1" } : {}) },
            },
            ...(provider === "webgpu" && settings.keepOnDevice !== undefined
              ? {
                  preferredOutputLocation: Object.fromEntries(
                    settings.keepOnDevice.map((name) => [name, "gpu-buffer" as const]),
                  ),
                }
              : {}),
          }),
        ),
      );
    } catch (error) {
      throw engineError("ONNX Runtime refuses the model", error);
    }
  };
  const common = { version: ort.env.versions.web ?? ort.env.versions.common, writesInPlace: false };
  if (provider === "wasm")
    return {
      ...common,
      name: "web-wasm",
      lower: lowerForWebAssembly,
      load: async (model, settings = {}): Promise<Session> =>
        new OnnxRuntimeSession(ort, await create(model, settings), { writesInPlace: false, inTurn }),
    };
  // The engine makes its device for the first session and gives it up with the last one: this one stays.
  await checkProvider("webgpu", (model) => create(model, {}), ort);
  const device = new WebDeviceMemory(ort, await ort.env.webgpu.device, inTurn);
  return {
    ...common,
    name: "web-webgpu",
    device,
    lower: lowerForWebGpu,
    load: async (model, settings = {}): Promise<Session> =>
      new OnnxRuntimeSession(ort, await create(model, settings), { writesInPlace: false, inTurn, residence: device }),
  };
}
