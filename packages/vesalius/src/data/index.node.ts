/** Everything of the browser entry, and what reads files. */
export * from "./index.ts";
export { openDataset, type OpenDatasetOptions } from "./open-dataset.node.ts";
export { readBytes } from "./files/read-file.node.ts";
export { readers } from "./readers/index.node.ts";
// Takes the place of the browser entry's function of the same name: it prepares batches on worker threads.
export { batches } from "./loaders/batches.node.ts";
