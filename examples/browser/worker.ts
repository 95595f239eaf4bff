import webgpuMjs from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import webgpuWasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import wasmMjs from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { VesaliusError } from "vesalius";
import { onnxRuntimeWeb } from "vesalius/runtime";
import { settingsSchema, type StartMessage, type WorkerMessage } from "./messages.ts";
import { trainInBrowser } from "./train-in-browser.ts";

/** Addresses of the engine's files, which the bundler copies beside the page. */
const engines = { wasm: { mjs: wasmMjs, wasm }, webgpu: { mjs: webgpuMjs, wasm: webgpuWasm } };

const report = (message: WorkerMessage): void => postMessage(message);

async function run({ settings, files }: StartMessage): Promise<void> {
  const { provider } = settingsSchema.parse(settings);
  report({ kind: "stage", stage: "loading", detail: "starting the engine" });
  const here = new URL(location.href).origin;
  const { mjs, wasm: binary } = engines[provider];
  const backend = await onnxRuntimeWeb({
    provider,
    files: { mjs: new URL(mjs, here).href, wasm: new URL(binary, here).href },
  });
  await trainInBrowser(settings, files, backend, report);
}

addEventListener("message", ({ data }: MessageEvent<StartMessage>) => {
  run(data).catch((error: unknown) =>
    report({
      kind: "failed",
      message: error instanceof VesaliusError || error instanceof Error ? error.message : String(error),
    }),
  );
});
