export * from "./agreement.ts";
export { bestThreshold, type ThresholdMetric, thresholdMetrics } from "./best-threshold.ts";
export {
  type ReliabilityBin,
  defaultBins,
  expectedCalibrationError,
  reliabilityBins,
  topClassConfidence,
} from "./calibration.ts";
export {
  type ClassCounts,
  type ConfusionMatrix,
  accuracy,
  balancedAccuracy,
  classCounts,
  confusionMatrix,
  predictedClasses,
} from "./confusion.ts";
export { probabilitySumTolerance, requireProbabilities } from "./input-checks.ts";
export {
  type FindingScores,
  type MultilabelEvaluation,
  multilabelStatistic,
  type SupportedFindingScores,
} from "./multilabel.ts";
export { type OperatingPoint, sensitivityAtSpecificity } from "./operating-point.ts";
export { meanClassError, meanClassErrorMacro } from "./ordinal.ts";
export {
  type PrecisionRecallCurve,
  averagePrecision,
  averagePrecisionMultilabel,
  precisionRecallCurve,
} from "./precision-recall.ts";
export * from "./precision-recall-f1.ts";
export { type RocCurve, rocAuc, rocAucStatistic, rocCurve } from "./roc.ts";
export {
  type ClassAverage,
  type ClassScores,
  type MultilabelScores,
  rocAucMultilabel,
  rocAucOneVsOne,
  rocAucOneVsOneStatistic,
  rocAucOneVsRest,
} from "./roc-multiclass.ts";
export { type WeightedStatistic } from "./ranking.ts";
export * from "./entities/index.ts";
export * from "./regions/index.ts";
export * from "./retrieval/index.ts";
export * from "./survival/index.ts";
export * from "./regression/index.ts";
export * from "./clustering/index.ts";
export * from "./detection/index.ts";
export { type SequenceAccuracy, sequenceAccuracyStatistic } from "./sequence-accuracy.ts";
export { brierScore, brierScoreMulticlass, logLoss, logLossMulticlass } from "./scoring-rules.ts";
export * from "./text/index.ts";
export { weightedMean, weightedMeanDefined } from "./weighted-mean.ts";
