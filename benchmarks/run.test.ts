import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "./paths.ts";
import { benchmarkResultSchema, formatResult } from "./result.ts";

const root = repositoryRoot();

const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(root, "benchmarks", "dist", "run.js"), ...args], { cwd: root });

describe("the benchmark program", () => {
  test("measures every part of training and prints one JSON object", { timeout: 180_000 }, async () => {
    const { stdout } = await bench("training", "--json", "--quick");
    const result = benchmarkResultSchema.parse(JSON.parse(stdout));
    expect(result.name).toBe("training");
    const value = (name: string): number => result.measures.find((measure) => measure.name === name)!.value;
    // Counted by hand: three products of each weight, for 2,048 tokens, and four attention heads of 64 for each layer.
    const weights = 4 * (4 * 256 ** 2 + 2 * 256 * 1024) + 256 ** 2 + 256 * 8000;
    const attention = 4 * 2 * 128 ** 2 * 256 * 16;
    const operations = (3 * 2 * (weights * 2048 + attention)) / 1e9;
    expect(value("BERT: matrix products of a step")).toBeCloseTo(operations, 6);
    for (const label of ["BERT", "ViT fine-tuning", "MAE pretraining"]) {
      expect(value(`${label}: peak memory`)).toBeGreaterThan(50);
      expect(value(`${label}: step, best`)).toBeLessThanOrEqual(value(`${label}: step, median`));
    }
    for (const run of ["ViT fine-tuning run", "MAE pretraining run"]) {
      expect(value(`${run}: outside ONNX Runtime`)).toBeGreaterThanOrEqual(value(`${run}: waiting for data`));
      expect(value(`${run}: outside ONNX Runtime`)).toBeLessThan(1);
    }
  });

  test.each([[["nothing"]], [[]], [["training", "--quick", "--write"]], [["training", "--fast"]]])(
    "%j is refused with the usage",
    async (args) => {
      await expect(bench(...args)).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining("usage: npm run bench"),
      });
    },
  );
});

describe("results", () => {
  const machine = { cpu: "a", cores: 2, memoryGiB: 8, system: "Linux x64", node: "20.19.0", engine: "ONNX Runtime" };
  const base = { name: "training", date: "2026-01-31", machine, method: "timed" };
  const rate = { name: "rate", value: 50, unit: "GFLOP/s", ratio: 0.5, of: "product" };
  const product = { name: "product", value: 100, unit: "GFLOP/s", ratio: null, of: null };

  test("a table names every measure and what a ratio is of", () => {
    const table = formatResult(benchmarkResultSchema.parse({ ...base, measures: [product, rate] }));
    expect(table).toMatch(/^product +100 GFLOP\/s$/m);
    expect(table).toMatch(/^rate +50 GFLOP\/s +0\.50 of product$/m);
  });

  test("a repeated name and a ratio of nothing are refused", () => {
    expect(benchmarkResultSchema.safeParse({ ...base, measures: [product, product] }).success).toBe(false);
    expect(benchmarkResultSchema.safeParse({ ...base, measures: [rate] }).success).toBe(false);
  });

  const folder = join(root, "benchmarks", "results");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name === "training.json") : [];
  test.each(files)("the committed file %s has this form", (file) => {
    const result = benchmarkResultSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
    expect(`${result.name}.json`).toBe(file);
  });
});
