export * from "./backend.ts";
export * from "./program.ts";
export * from "./threads.ts";
