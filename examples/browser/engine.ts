import webgpuMjs from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import webgpuWasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import wasmMjs from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { type Backend, onnxRuntimeWeb } from "vesalius/runtime";

/** Addresses of the engine's files, which the bundler copies beside the page. */
const engines = { wasm: { mjs: wasmMjs, wasm }, webgpu: { mjs: webgpuMjs, wasm: webgpuWasm } };

/** Starts the engine of a worker from files beside the page. */
export function startEngine(provider: keyof typeof engines): Promise<Backend> {
  const here = new URL(location.href).origin;
  const { mjs, wasm: binary } = engines[provider];
  return onnxRuntimeWeb({ provider, files: { mjs: new URL(mjs, here).href, wasm: new URL(binary, here).href } });
}
