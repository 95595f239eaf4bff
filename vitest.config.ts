import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { "#platform": fileURLToPath(new URL("packages/vesalius/src/platform/platform.node.ts", import.meta.url)) },
  },
  test: {
    // Test files run in parallel and their graphs are small: one thread each is faster than sharing both cores.
    env: { VESALIUS_THREADS: "1" },
    include: [
      "packages/*/src/**/*.test.ts",
      "scripts/**/*.test.ts",
      "benchmarks/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    pool: "forks",
  },
});
