export * from "./backend.ts";
export * from "./program.ts";
export { SessionCache } from "./session-cache.ts";
export * from "./threads.ts";
