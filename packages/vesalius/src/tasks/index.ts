export { backboneFileNames, encodeBackbone, type TrainedBackbone } from "./backbone-files.ts";
export { createTask, fitTask, type TaskCatalogues } from "./create-task.ts";
export * from "./export-graph.ts";
export {
  type ExtractedAnswer,
  extractiveQuestionAnswering,
  type ExtractiveQuestionAnsweringOptions,
} from "./extractive-question-answering.ts";
export * from "./feed-graph.ts";
export {
  type Bm25Index,
  type Bm25Options,
  buildBm25Index,
  type FoundText,
  type IndexedText,
  rarityOf,
  searchBm25,
  wordsOf,
} from "./inference/bm25.ts";
export { inferences } from "./inference/index.ts";
export { reciprocalRankFusion } from "./inference/rank-fusion.ts";
export { onePass, rowOf } from "./inference/one-pass.ts";
export * from "./inference/inference.ts";
export { decodeIndex, type KeptIndex } from "./inference/kept-index.ts";
export {
  decodeMeasured,
  encodeMeasured,
  type Measured,
  measureAnswers,
  type MeasureOptions,
} from "./measure-answers.ts";
export { columnsReadBy, matchColumns, type ReadColumn } from "./match-columns.ts";
export { tableReadBy, withTable } from "./search-table.ts";
export * from "./model.ts";
export { modelFileNames, networkConfig, preparationFiles } from "./model-files.ts";
export { type ChoiceTruth, type ChosenOption, multipleChoice, type MultipleChoiceOptions } from "./multiple-choice.ts";
export * from "./pair-contrast.ts";
export { showAnswers, type ShowAnswersOptions } from "./pictures/show-answers.ts";
export * from "./plan.ts";
export * from "./predictor.ts";
export { rehearseAnswers } from "./rehearse-answers.ts";
export * from "./roles.ts";
export { segmentation, type SegmentationOptions } from "./segmentation.ts";
export * from "./task.ts";
export { tokenClassification, type TokenClassificationOptions } from "./token-classification.ts";
export * from "./task-graph.ts";
export * from "./classification.ts";
export { multilabelClassification, type MultilabelClassificationOptions } from "./multilabel-classification.ts";
export { ordinalClassification, type OrdinalClassificationOptions } from "./ordinal-classification.ts";
export { type CodesAnswer, nextCodes, nextCodesSchema } from "./next-codes.ts";
export * from "./regression.ts";
export * from "./retrieval.ts";
export { indexed, type IndexedSettings, indexedSchema } from "./inference/indexed.ts";
export {
  type FoundRelation,
  relationExtraction,
  type RelationExtractionOptions,
} from "./relations/relation-extraction.ts";
export { survival, type SurvivalOptions, survivalSchema } from "./survival.ts";
export { undefinedByData, undefinedMetrics } from "./undefined-metrics.ts";
export { presentRows, requireColumn } from "./columns.ts";
export * from "./decoding/tag-sequence.ts";
export { tasks } from "./tasks.ts";
export { type BaselineContext, type BaselineModel, baselines } from "./baselines/index.ts";
export {
  labelledLogits,
  labelLogProbabilities,
  placesLoss,
  tokenAccuracy,
  tokenLoss,
  vocabularyOf,
} from "./token-loss.ts";
export { generation, type GenerationOptions } from "./generation/generation.ts";
export { modelAsChat } from "./generation/model-as-chat.ts";
export { preference, type PreferenceOptions } from "./preference/preference.ts";
export type { Spoken } from "./spoken/spoken.ts";
