export * from "./metrics/index.ts";
export {
  bootstrapInterval,
  bootstrapMany,
  type BootstrapSample,
  type ConfidenceOptions,
  defaultResamples,
  type Interval,
  type PairedDifference,
  pairedBootstrapDifference,
  percentileInterval,
  type ResamplingOptions,
} from "./statistics/bootstrap.ts";
export { bootstrapWeights } from "./statistics/resampling.ts";
export { type MeanInterval, meanInterval } from "./statistics/mean-interval.ts";
export { wilsonInterval } from "../common/wilson-interval.ts";
export { evaluateClassification } from "./classification/evaluate-classification.ts";
export {
  evaluate,
  type EvaluateOptions,
  type EvaluationReport,
  evaluationReportSchema,
  parseEvaluationReport,
  type PredictingModel,
} from "./evaluate.ts";
export { classificationSections, type ClassificationSectionOptions } from "./classification/sections.ts";
export { type ClassificationCases } from "./classification/input.ts";
export {
  type AttributeReport,
  type ClassificationReport,
  classificationReportSchema,
  type Estimates,
  parseClassificationReport,
} from "./classification/report.ts";
export { metricDescriptions, type MetricDescription, type MetricName, metricNames } from "./metric-names.ts";
export { type AttributeColumn, divideByAttribute, type Division, type Subgroup } from "./statistics/subgroups.ts";
export * from "../report/index.ts";
