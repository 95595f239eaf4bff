export * from "./index.ts";
export { openDataset, readImages } from "./data/index.node.ts";
export { loadClassifier } from "./applications/vision/load-classifier.node.ts";
export { runRecipe } from "./recipes/index.node.ts";
