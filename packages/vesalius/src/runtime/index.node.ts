export * from "./index.ts";
export { loadOnnxRuntimeNode } from "./load-onnxruntime.node.ts";
export { nodeCpu } from "./node-cpu.node.ts";
export { defaultThreads, type NodeOptions, type NodeProvider, onnxRuntimeNode } from "./onnxruntime-node.node.ts";
