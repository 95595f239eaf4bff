import { defineConfig } from "vitest/config";
import { sourceAliases } from "./scripts/sources/aliases.mjs";

export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    // Test files run in parallel and their graphs are small: one thread each is faster than sharing both cores.
    env: { VESALIUS_THREADS: "1" },
    globalSetup: "scripts/sources/build.mjs",
    setupFiles: "scripts/sources/threads.mjs",
    include: [
      "packages/*/src/**/*.test.ts",
      "scripts/**/*.test.ts",
      "benchmarks/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    pool: "forks",
  },
});
