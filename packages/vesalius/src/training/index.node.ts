export * from "./index.ts";
export { checkpointFile } from "./checkpoint-file.node.ts";
