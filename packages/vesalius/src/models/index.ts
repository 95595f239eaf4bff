export * from "./backbone.ts";
export * from "./backbone-files.ts";
export * from "./bert.ts";
export * from "./gpt2.ts";
export * from "./layers/patches.ts";
export * from "./layers/transformer.ts";
export * from "./mae.ts";
export * from "./state-dictionary.ts";
export { classificationHead, type VitConfig, vitConfigSchema, vitEpsilon, vitFeatures } from "./vit.ts";
