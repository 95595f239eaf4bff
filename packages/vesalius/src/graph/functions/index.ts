export * from "./activations.ts";
export * from "./arithmetic.ts";
export * from "./comparison.ts";
export * from "./indexing.ts";
export * from "./matrix-products.ts";
export * from "./normalization.ts";
export * from "./reductions.ts";
export * from "./shaping.ts";
