export * from "./contrastive/losses/index.ts";
export * from "./generative/masked-image-modelling.ts";
export * from "./images/masked-image-modelling.ts";
export * from "./hybrid/losses/contrastive-captioning.ts";
export type { PretrainingObjective } from "./images/objective.ts";
export * from "./images/pretrain.ts";
export type { Objective, ObjectiveContext } from "./objective.ts";
export { objectives } from "./objectives.ts";
export * from "./pretrain.ts";
