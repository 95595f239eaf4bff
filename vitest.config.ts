import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { "#platform": fileURLToPath(new URL("packages/vesalius/src/platform/platform.node.ts", import.meta.url)) },
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts", "benchmarks/**/*.test.ts"],
    testTimeout: 60_000,
    // ONNX Runtime already uses every core, so test files run one after another.
    maxWorkers: 2,
    pool: "forks",
  },
});
