import type * as OnnxRuntime from "onnxruntime-node";
import { missingDependency } from "../common/missing-dependency.ts";
import { disableEngineTelemetry } from "./engine-telemetry.node.ts";

let loaded: Promise<typeof OnnxRuntime> | undefined;

async function load(): Promise<typeof OnnxRuntime> {
  await disableEngineTelemetry();
  try {
    const module = await import("onnxruntime-node");
    // The package is CommonJS: depending on the loader its exports stand at the top or under `default`.
    return (module as unknown as { default?: typeof OnnxRuntime }).default ?? module;
  } catch (cause) {
    throw missingDependency("onnxruntime-node", "models run on the package onnxruntime-node", cause);
  }
}

/**
 * The package onnxruntime-node, loaded on first use because it is heavy and optional, with its telemetry switched off
 * (`disableEngineTelemetry`). The only place that imports it: a program that wants the engine itself takes it from here.
 *
 * @throws VesaliusError `missing-dependency` when the package is not installed, `runtime-failure` on a worker thread that
 * cannot switch off the telemetry
 */
export function loadOnnxRuntimeNode(): Promise<typeof OnnxRuntime> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}
