/** What most programs need; the rest is in the subpaths (`vesalius/models`, `vesalius/adaptation`, ...). */
export { VesaliusError, type ErrorCode, type OptionWording } from "./common/errors.ts";
export { syntheticRadiographs } from "./data/index.ts";
export { pretrain } from "./pretraining/index.ts";
export { adapt } from "./adaptation/index.ts";
export { evaluate } from "./evaluation/index.ts";
export { fitTask, matchColumns } from "./tasks/index.ts";
export { defineRecipe } from "./recipes/index.ts";
