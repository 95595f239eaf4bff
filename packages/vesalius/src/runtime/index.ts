export * from "./backend.ts";
export { downloaded } from "./device-state.ts";
export { loadGraph } from "./load-graph.ts";
export { onnxRuntimeWeb, type WebOptions, type WebProvider } from "./onnxruntime-web.ts";
export * from "./program.ts";
export { SessionCache } from "./session-cache.ts";
export * from "./threads.ts";
