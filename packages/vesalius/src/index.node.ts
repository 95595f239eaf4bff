export * from "./index.ts";
export { openDataset, openDatasetOfImages, readImages } from "./data/index.node.ts";
export { type ExportedOnnx, exportOnnx, type ExportOnnxOptions } from "./applications/vision/export-onnx.node.ts";
export { loadClassifier } from "./applications/vision/load-classifier.node.ts";
export { saveEvaluation, type SaveEvaluationOptions } from "./evaluation/save-evaluation.node.ts";
export {
  saveClassifierReport,
  type SaveClassifierReportOptions,
} from "./evaluation/classifier/save-classifier-report.node.ts";
export { runRecipe } from "./recipes/index.node.ts";
