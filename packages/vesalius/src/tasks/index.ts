export * from "./inference/inference.ts";
export * from "./predictor.ts";
export * from "./task.ts";
