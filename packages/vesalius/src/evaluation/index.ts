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
} from "./bootstrap.ts";
export { bootstrapWeights } from "./resampling.ts";
export { type MeanInterval, meanInterval } from "./mean-interval.ts";
export { wilsonInterval } from "./wilson-interval.ts";
export { evaluateClassification } from "./classification.ts";
export {
  evaluate,
  type EvaluateOptions,
  type EvaluationReport,
  evaluationReportSchema,
  parseEvaluationReport,
  type PredictingModel,
} from "./evaluate.ts";
export { type ClassificationCases } from "./classification-input.ts";
export {
  type AttributeReport,
  type ClassificationReport,
  classificationReportSchema,
  type Figure,
  type Figures,
  figureSchema,
  parseClassificationReport,
} from "./classification-report.ts";
export { metricDescriptions, type MetricDescription, type MetricName, metricNames } from "./metric-names.ts";
export { type AttributeColumn, divideByAttribute, type Division, type Subgroup } from "./subgroups.ts";
export * from "./reports/index.ts";
export { formatFigure } from "./reports/format.ts";
