/** Image data in any runtime: types, splits and subsets, checks. What opens files is in the Node entry. */
export { assembleDataset } from "./assemble-dataset.ts";
export type { AssemblyOptions, DatasetParts } from "./assemble-dataset.ts";
export { convertSource } from "./convert-images.ts";
export { datasetCardSchema } from "./dataset-card.ts";
export type { DatasetCard } from "./dataset-card.ts";
export type { ImageBatch, ImageBatches, ImageDataset, ImageSource, ImageSplit, SplitName } from "./image-dataset.ts";
export { channelsFirst, memoryImages } from "./image-source.ts";
export type { ImageShape, MemoryImages } from "./image-source.ts";
export { findLeaks } from "./leakage.ts";
export type { Leak } from "./leakage.ts";
export { readMedmnist } from "./readers/medmnist.ts";
export { readNpy, readNpz } from "./readers/npz.ts";
export type { NumericArray, NumericData, NpzOptions } from "./readers/npz.ts";
export { subset } from "./subset.ts";
