export * from "./index.ts";
export { loadOnnxRuntimeNode } from "./load-onnxruntime.node.ts";
export { nodeCpu } from "./node-cpu.node.ts";
export { checkThreads, defaultThreads } from "./default-threads.node.ts";
export { type NodeOptions, type NodeProvider, onnxRuntimeNode } from "./onnxruntime-node.node.ts";
