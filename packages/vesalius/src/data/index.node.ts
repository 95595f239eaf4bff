/** Everything of the browser entry, and what reads files. */
export * from "./index.ts";
export { openDataset, openDatasetOptionsSchema } from "./open-dataset.node.ts";
export type { OpenDatasetOptions } from "./open-dataset.node.ts";
export { readImages } from "./read-images.node.ts";
// These take the place of the browser entry's functions of the same name.
export { batches } from "./loaders/feed-loader.node.ts";
export { imageLoader, sequentialLoader } from "./loaders/image-loader.node.ts";
