export * from "./generative/masked-image-modelling.ts";
export type { PretrainingObjective } from "./objective.ts";
export * from "./pretrain.ts";
