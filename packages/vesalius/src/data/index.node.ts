/** Everything of the browser entry, and what reads files. */
export * from "./index.ts";
export { openDataset, openDatasetOptionsSchema } from "./open-dataset.node.ts";
export type { OpenDatasetOptions } from "./open-dataset.node.ts";
