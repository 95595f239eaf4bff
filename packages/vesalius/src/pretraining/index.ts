export * from "./contrastive/losses/index.ts";
export * from "./generative/masked-image-modelling.ts";
export * from "./hybrid/losses/contrastive-captioning.ts";
export type { PretrainingObjective } from "./objective.ts";
export * from "./pretrain.ts";
