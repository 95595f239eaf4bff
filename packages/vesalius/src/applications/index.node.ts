export * from "./index.ts";
export { applications } from "./applications.node.ts";
export { addToIndex, type OpenedIndex, openPassageIndex } from "./language/consultation/index-files.node.ts";
