export * from "./classification.ts";
export { decodeClassifier } from "./classifier-files.ts";
export { type ClassifierParts, ImageClassifier } from "./image-classifier.ts";
export { describePredictions, type ImagePrediction, predictionsCsv } from "./predictions.ts";
