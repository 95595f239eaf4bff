export * from "./deidentification/index.ts";
export * from "./energy/index.ts";
export * from "./explanation/index.ts";
