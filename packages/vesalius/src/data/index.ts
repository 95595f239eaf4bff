/** Image data in any runtime: types, splits and subsets, checks. What opens files is in the Node entry. */
export { assembleDataset as assembleDatasetOfImages } from "./assemble-dataset.ts";
export { concatenateForPretraining } from "./concatenate-for-pretraining.ts";
export { convertSource } from "./convert-images.ts";
export { datasetCardSchema } from "./dataset-card.ts";
export type { DatasetCard } from "./dataset-card.ts";
export { generators } from "./datasets/index.ts";
export { syntheticRadiographs, syntheticRadiographsOfImages } from "./datasets/synthetic-radiographs.ts";
export type { SyntheticRadiographOptions } from "./datasets/synthetic-radiographs.ts";
export { describeDataset as describeDatasetOfImages } from "./describe-dataset.ts";
export type {
  DatasetSummary as DatasetSummaryOfImages,
  SplitSummary as SplitSummaryOfImages,
} from "./describe-dataset.ts";
export type { ImageBatch, ImageBatches, ImageDataset, ImageSource, ImageSplit, SplitName } from "./image-dataset.ts";
export { channelsFirst, memoryImages } from "./image-source.ts";
export type { ImageShape, MemoryImages } from "./image-source.ts";
export { encoders } from "./encoders/index.ts";
export { samplers } from "./samplers/index.ts";
export { type TextWindow, windowOf } from "./steps/windows.ts";
export { exampleTransforms } from "./transforms/index.ts";
export { type BatchesOptions, batches } from "./loaders/batches.ts";
export { builtInFeeds, type FeedCatalogues } from "./loaders/feed-catalogues.ts";
export type { Column, ColumnKind, Columns } from "./column.ts";
export * from "./columns/constructors.ts";
export * from "./dataset/index.ts";
export { readNifti, type VoxelArray, type VoxelGrid } from "./volumes/read-nifti.ts";
export { writeNifti } from "./volumes/write-nifti.ts";
export * from "./describe-counts.ts";
export * from "./feeds.ts";
export {
  type Encoder,
  type EncoderEntry,
  encoderEntry,
  type EncodingContext,
  type FitContext,
  type GridValues,
  type PartValues,
} from "./encoders/encoder.ts";
export {
  type PreparedTokens,
  type TokenReader,
  tokenReader,
  type TokenTable,
  type WordPlaces,
  wordPlaces,
} from "./encoders/tokens/read-tokens.ts";
export { type TokensSettings, tokensSpecSchema } from "./encoders/tokens/settings.ts";
export { standardization } from "./encoders/records/standardization.ts";
export { openingShape } from "./opening-options.ts";
export type { DatasetReader, FoundData, ReadData, ReaderEntry } from "./readers/reader.ts";
export { readerEntry } from "./readers/reader.ts";
export { datasetSteps } from "./steps/index.ts";
export type { DatasetStep, Stepped } from "./steps/step.ts";
export type { BatchOrder as ExampleOrder, Sampler, SamplingContext, StepRows } from "./samplers/sampler.ts";
export type { Attributes, Dataset, Example, Split } from "./split.ts";
export type { ExampleTransform, Moved } from "./transforms/moved.ts";
export { findLeaks as findLeaksOfImages } from "./leakage.ts";
export { type MedmnistOptions, medmnistSplits, readMedmnist } from "./readers/medmnist.ts";
export { readNpy, readNpz } from "./readers/npz.ts";
export type { NumericArray, NumericData, NpzOptions } from "./readers/npz.ts";
export { splitValidation as splitValidationOfImages } from "./split-validation.ts";
export { stratifiedSample as stratifiedSampleOfImages } from "./stratified-sample.ts";
export { subset } from "./subset.ts";
export { applyTransforms, prepareTransforms, transformSchema } from "./transforms/pipeline.ts";
export type { FloatImage, PreparedTransforms, TransformInput, TransformSpec } from "./transforms/pipeline.ts";
export * from "./tokenizers/index.ts";
