import type { Backend } from "../backend.ts";
import { onnxRuntimeWeb, type WebProvider } from "../onnxruntime-web.ts";
import { type CaseResult, runOperator } from "./operator-cases.test.helper.ts";
import { writeTexts } from "./texts.test.helper.ts";
import { type StepRecord, trainSmallVit } from "./vit-steps.test.helper.ts";

/** What the page that runs the suite in a browser offers to the test that drives it. */
export interface SuitePage {
  /** Opens a backend; its name, and whether the page may use threads. */
  open(provider: WebProvider): Promise<{ name: string; version: string; isolated: boolean }>;
  /** Runs the cases of operators on the backend that was opened. */
  operators(names: readonly string[], gradient: boolean): Promise<Record<string, CaseResult[]>>;
  /** Trains a small vision transformer for some steps. */
  trainSmallVit(steps: number): Promise<StepRecord>;
  /** Texts of a small decoder. */
  writeTexts(): Promise<number[][]>;
}

let backends: { readonly strict: Backend; readonly lenient: Backend } | undefined;

function opened(): { readonly strict: Backend; readonly lenient: Backend } {
  if (backends === undefined) throw new Error("no backend was opened");
  return backends;
}

const page: SuitePage = {
  async open(provider) {
    const stem = provider === "wasm" ? "ort-wasm-simd-threaded" : "ort-wasm-simd-threaded.asyncify";
    const files = { wasm: `/engine/${stem}.wasm`, mjs: `/engine/${stem}.mjs` };
    const lenient = await onnxRuntimeWeb({ provider, files });
    const strict = provider === "wasm" ? lenient : await onnxRuntimeWeb({ provider, files, processorFallback: false });
    backends = { strict, lenient };
    return { name: lenient.name, version: lenient.version, isolated: crossOriginIsolated };
  },
  async operators(names, gradient) {
    const { strict, lenient } = opened();
    const results: Record<string, CaseResult[]> = {};
    for (const name of names)
      results[name] = await runOperator(strict, name, gradient, strict === lenient ? undefined : lenient);
    return results;
  },
  trainSmallVit: (steps) => trainSmallVit(opened().lenient, steps),
  writeTexts: () => writeTexts(opened().lenient),
};

Object.assign(globalThis, { suite: page });
