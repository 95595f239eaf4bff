export * from "./index.ts";
export * from "./energy/index.node.ts";
