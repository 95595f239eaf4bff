export * from "./metrics/index.ts";
export {
  bootstrapInterval,
  bootstrapMany,
  type BootstrapSample,
  type ConfidenceOptions,
  defaultResamples,
  type Interval,
  type PairedDifference,
  pairedDifferenceOf,
  pairedBootstrapDifference,
  percentileInterval,
  type ResamplingOptions,
} from "./statistics/bootstrap.ts";
export { quantileOfSorted } from "./statistics/quantile.ts";
export { bootstrapWeights } from "./statistics/resampling.ts";
export { type MeanInterval, meanInterval } from "./statistics/mean-interval.ts";
export { wilsonInterval } from "../common/wilson-interval.ts";
export { type PairedEstimate, pairedComparison, pairedEstimateSchema } from "./statistics/paired-comparison.ts";
export { differenceRange, estimateOf, onFewCases } from "./statistics/estimate.ts";
export { supportOf } from "./statistics/support.ts";
export { meanOverSeeds, overSeeds } from "./statistics/over-seeds.ts";
export type {
  Basis,
  CaseSet,
  Estimates,
  Evaluation,
  EvaluationOf,
  EvaluationSummary,
  Metric,
  OverParts,
  Statistic,
  Values,
} from "./evaluation.ts";
export {
  type AnsweringModel,
  evaluate,
  evaluateAnswers,
  type EvaluatedTask,
  type EvaluateOptions,
  measureAnswers,
  type MeasuredAnswers,
  type MeasureOptions,
  type Measuring,
  measuring,
} from "./evaluate.ts";
export { type ClassMapping, type TaskClasses } from "./same-classes.ts";
export { evaluateMeasures, type EvaluateMeasuresOptions } from "./evaluate-measures.ts";
export {
  type AttributeReport,
  type EvaluationReport,
  evaluationReportSchema,
  evaluationReportSchemaOf,
  parseEvaluationReport,
} from "./evaluation-report.ts";
export { anyEvaluationReportSchema, parseAnyEvaluationReport } from "./details-by-kind.ts";
export { type Baseline, baselineOfCard } from "./baseline.ts";
export { evaluationSections, type EvaluationSectionOptions } from "./sections/evaluation-sections.ts";
export { estimateOfMetricText, labelOf, labelWithUnit, metricText } from "./sections/metric-text.ts";
export { type MethodComparison, methodComparisonSchema, pairedSections } from "./sections/paired-section.ts";
export {
  classificationEvaluation,
  type ClassificationSettings,
  indexOfPositiveClass,
} from "./classification/classification.ts";
export { type ClassificationDetails } from "./classification/details.ts";
export { answeredClass, type ClassificationAnswer, type ClassificationMeasure } from "./classification/measure.ts";
export { type LabelsSettings, labelsEvaluation } from "./labels/labels.ts";
export { type LabelsAnswer, type LabelsMeasure } from "./labels/measure.ts";
export { type RegressionMeasure, type RegressionSettings, regressionEvaluation } from "./regression/regression.ts";
export { type RegressionTarget } from "./regression/metrics.ts";
export { type EntitiesSettings, entitiesEvaluation } from "./entities/entities.ts";
export { type EntityMeasure, type EntityTruth } from "./entities/measure.ts";
export { relationsEvaluation } from "./relations/relations.ts";
export { type RelationMeasure, type RelationsTruth, type StatedRelation } from "./relations/measure.ts";
export { type RegionsSettings, regionsEvaluation } from "./regions/regions.ts";
export { type LabelMap, meanDice, type RegionsMeasure } from "./regions/measure.ts";
export { type RankingSettings, rankingEvaluation } from "./ranking/ranking.ts";
export { type RankingAnswer, type RankingMeasure, type RankingTruth } from "./ranking/measure.ts";
export { answersEvaluation, type AnswersSettings } from "./answers/answers.ts";
export { type AnswerMeasure, type AnswerTruth, type TextAnswer } from "./answers/measure.ts";
export { normalizeAnswer } from "./answers/normalize.ts";
export { survivalEvaluation } from "./survival/survival.ts";
export { fitSurvivalSettings, type SurvivalSettings, survivalSettingsSchema } from "./survival/settings.ts";
export { type SurvivalAnswer, type SurvivalMeasure, type SurvivalTruth } from "./survival/measure.ts";
export { type AttributeColumn, divideByAttribute, type Division, type Subgroup } from "./statistics/subgroups.ts";
export * from "../report/index.ts";
export type { TextMeasure, TextsSettings, TextTruth, WrittenText } from "./texts/measure.ts";
export { sentencesOf, supportedSentences } from "./texts/supported.ts";
export { porterStem } from "./metrics/text/porter-stemmer.ts";
export { textsEvaluation } from "./texts/texts.ts";
export { type PairAnswer, type PairMeasure, preferencesEvaluation } from "./preferences/preferences.ts";
