/** Data in any runtime: columns, splits, encoders, batches, checks. What opens files is in the Node entry. */
export { datasetCardSchema } from "./dataset-card.ts";
export type { DatasetCard } from "./dataset-card.ts";
export { generators } from "./datasets/index.ts";
export { syntheticRadiographs } from "./datasets/synthetic-radiographs.ts";
export type { SyntheticRadiographOptions } from "./datasets/synthetic-radiographs.ts";
export { codesOf } from "./encoders/codes-target.ts";
export { candidatePairs, type PairSignature } from "./columns/candidate-pairs.ts";
export { type PreparedPairs } from "./encoders/span-pairs.ts";
export { encoders } from "./encoders/index.ts";
export { decodeText } from "./files/decode-text.ts";
export { lossesOf } from "./encoders/losses.ts";
export { samplers } from "./samplers/index.ts";
export { cutTexts, type TextWindow, windowOf, windowsSchema, type WindowsSettings } from "./steps/windows.ts";
export { transforms } from "./transforms/index.ts";
export { type BatchesOptions, batches } from "./loaders/batches.ts";
export { builtInFeeds, type FeedCatalogues } from "./loaders/feed-catalogues.ts";
export type { Column, ColumnKind, Columns } from "./column.ts";
export { columnKinds, factsOf, kindOf } from "./columns/index.ts";
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
export { answerOf } from "./encoders/answer-tokens.ts";
export { textOfField } from "./encoders/conversation/turns.ts";
export { type PreparedConversation } from "./encoders/conversation/read-conversation.ts";
export { fieldsOfTurn, type PromptTurn, promptTurnSchema } from "./encoders/conversation/settings.ts";
export { type TokensSettings, tokensSpecSchema } from "./encoders/tokens/settings.ts";
export { standardization } from "./encoders/records/standardization.ts";
export { openingShape } from "./opening-options.ts";
export { inputOptions, type Reading, readingOf, readingSchema } from "./reading.ts";
export type { DatasetReader, FoundData, ReadData, ReaderEntry, ReaderFlag } from "./readers/reader.ts";
export { readerEntry } from "./readers/reader.ts";
export { datasetSteps } from "./steps/index.ts";
export type { DatasetStep, Stepped } from "./steps/step.ts";
export type { BatchOrder as ExampleOrder, Sampler, SamplingContext, StepRows } from "./samplers/sampler.ts";
export type { Attributes, Dataset, Example, Split } from "./split.ts";
export type { ExampleTransform, Moved } from "./transforms/moved.ts";
export { readFasta } from "./readers/fasta.ts";
export { type MedmnistOptions, medmnistSplits } from "./readers/medmnist.ts";
export { readNpy, readNpz } from "./readers/npz.ts";
export type { NumericArray, NumericData, NpzOptions } from "./readers/npz.ts";
export * from "./tokenizers/index.ts";
