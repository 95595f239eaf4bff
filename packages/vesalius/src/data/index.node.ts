/** Everything of the browser entry, and what reads files. */
export * from "./index.ts";
export { openDataset, type OpenDatasetOptions } from "./open-data.node.ts";
export { openDataset as openDatasetOfImages } from "./open-dataset.node.ts";
export type { OpenDatasetOptions as OpenDatasetOptionsOfImages } from "./open-dataset.node.ts";
export { readInputs, type ReadInputsOptions } from "./inputs/read-inputs.node.ts";
export type { InputColumn, InputColumns } from "./inputs/input-columns.ts";
export { readers } from "./readers/index.node.ts";
export { readImages } from "./read-images.node.ts";
// These take the place of the browser entry's functions of the same name.
export { batches } from "./loaders/feed-loader.node.ts";
export { imageLoader, sequentialLoader } from "./loaders/image-loader.node.ts";
