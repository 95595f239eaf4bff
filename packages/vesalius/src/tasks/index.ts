export * from "./inference/bm25.ts";
export * from "./inference/inference.ts";
export * from "./inference/rank-fusion.ts";
export * from "./predictor.ts";
export * from "./task.ts";
