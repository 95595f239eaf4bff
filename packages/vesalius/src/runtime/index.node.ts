export * from "./index.ts";
export * from "./node-cpu.node.ts";
