export * from "./index.ts";
export { refuseLinks, writeFileAtomic } from "./common/files.node.ts";
export { openDataset } from "./data/index.node.ts";
export { loadBackbone, loadModel } from "./adaptation/index.node.ts";
export { type ExportedOnnx, exportOnnx, type ExportOnnxOptions } from "./tasks/index.node.ts";
export { saveEvaluation, type SaveEvaluationOptions } from "./evaluation/save-evaluation.node.ts";
// Takes the place of the browser entry's function of the same name: it knows the readers of folders.
export { defineRecipe, runRecipe } from "./recipes/index.node.ts";
