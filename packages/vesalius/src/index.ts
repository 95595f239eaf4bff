/** What most programs need; the rest is in the subpaths (`vesalius/models`, `vesalius/adaptation`, ...). */
export { VesaliusError, type ErrorCode } from "./common/errors.ts";
export { syntheticRadiographs, syntheticRadiographsOfImages } from "./data/index.ts";
export { pretrainOnImages as pretrain } from "./pretraining/index.ts";
export { adaptOnLabelledImages as adapt } from "./adaptation/index.ts";
export { evaluateClassifier as evaluate } from "./evaluation/index.ts";
export { defineRecipe } from "./recipes/index.ts";
