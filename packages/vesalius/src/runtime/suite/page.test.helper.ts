import { onnxRuntimeWeb } from "../onnxruntime-web.ts";
import { suiteOn } from "./suite.test.helper.ts";

/** The suite in a page, for the test that drives the browser. */
const suite = suiteOn(async (name) => {
  const provider = name === "web-wasm" ? "wasm" : "webgpu";
  const stem = provider === "wasm" ? "ort-wasm-simd-threaded" : "ort-wasm-simd-threaded.asyncify";
  const files = { wasm: `/engine/${stem}.wasm`, mjs: `/engine/${stem}.mjs` };
  const lenient = await onnxRuntimeWeb({ provider, files });
  const strict = provider === "wasm" ? lenient : await onnxRuntimeWeb({ provider, files, processorFallback: false });
  return { strict, lenient };
});

Object.assign(globalThis, { suite });
