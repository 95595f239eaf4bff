import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { runRecipe, runReportSchema, syntheticNotice } from "vesalius/recipes";
import { describe, expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { repositoryRoot } from "./paths.ts";
import { kindNames } from "./reading/messages.ts";
import { benchmarkResultSchema, formatResult } from "./result.ts";

const root = repositoryRoot();
/** Every row of the benchmarks is measured then; otherwise one of each sort. */
const thorough = process.env["VESALIUS_THOROUGH"] === "1";

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
    for (const label of thorough ? ["BERT", "ViT fine-tuning", "MAE pretraining"] : ["BERT"]) {
      expect(value(`${label}: peak memory`)).toBeGreaterThan(50);
      expect(value(`${label}: step, best`)).toBeLessThanOrEqual(value(`${label}: step, median`));
    }
    for (const run of thorough ? ["ViT fine-tuning run", "MAE pretraining run"] : ["MAE pretraining run"]) {
      expect(value(`${run}: outside ONNX Runtime`)).toBeGreaterThanOrEqual(value(`${run}: waiting for data`));
      expect(value(`${run}: outside ONNX Runtime`)).toBeLessThan(1);
    }
  });

  test(
    "measures training on texts of many lengths, and reading each kind of column",
    { timeout: 300_000 },
    async () => {
      const { stdout } = await bench("reading", "--json", "--quick");
      const { measures } = benchmarkResultSchema.parse(JSON.parse(stdout));
      const value = (name: string): number => measures.find((measure) => measure.name === name)!.value;
      const [shapes, longest] = ["in shapes of their lengths", "padded to the longest"];
      expect(value(`texts ${longest}: padding computed`)).toBeLessThan(1);
      expect(value(`texts ${shapes}: padding computed`)).toBeGreaterThanOrEqual(0);
      expect(value(`texts ${shapes}: padding computed`)).toBeLessThan(value(`texts ${longest}: padding computed`));
      for (const kind of thorough ? kindNames : ["references to a table of texts"]) {
        const [read, used] = ["read alone", "used in training"].map((how) => `${kind}: examples ${how}`);
        const ratio = measures.find(({ name }) => name === read)!;
        expect(ratio).toMatchObject({ of: used, ratio: value(read!) / value(used!) });
        expect(value(`${kind}: training time spent waiting for data`)).toBeLessThan(1);
      }
    },
  );

  test("measures generation with and without kept keys and values", { timeout: 180_000 }, async () => {
    const { stdout } = await bench("generation", "--json", "--quick");
    const { measures } = benchmarkResultSchema.parse(JSON.parse(stdout));
    // Tables of tokens and positions, eight blocks, and the last norm.
    const block = 12 * 512 ** 2 + 13 * 512;
    expect(measures[0]!.value).toBe((8000 + 512) * 512 + 8 * block + 2 * 512);
    for (const texts of ["1 text", "4 texts"]) {
      const [plain, kept] = ["read again for each token", "keys and values kept"].map((how) =>
        measures.find(({ name }) => name === `${texts}, ${how}`)!,
      );
      expect(plain!.value).toBeGreaterThan(0);
      expect(kept!.ratio).toBeCloseTo(kept!.value / plain!.value, 9);
    }
  });

  test("measures training beside a base of four bits", { timeout: 180_000 }, async () => {
    const { stdout } = await bench("quantized", "--json", "--quick");
    const { measures } = benchmarkResultSchema.parse(JSON.parse(stdout));
    const value = (name: string): number => measures.find((measure) => measure.name === `smallest: ${name}`)!.value;
    // Tables of vectors and outputs, two layers of attention and perceptron, and the norms.
    const layer = 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128 + 2 * 64;
    expect(value("parameters of the base")).toBe(2 * 128 * 64 + 2 * layer + 64);
    expect(value("peak memory")).toBeGreaterThan(50);
    expect(value("loss at the last of 3 steps")).toBeLessThan(value("loss at the first step"));
  });

  test("measures what the recomputation of activations saves and costs", { timeout: 180_000 }, async () => {
    const { stdout } = await bench("recomputation", "--json", "--quick");
    const { measures } = benchmarkResultSchema.parse(JSON.parse(stdout));
    for (const way of ["every layer recomputed", "three layers recomputed at a time"])
      for (const what of ["memory of the step", "step, median"]) {
        const measure = measures.find(({ name }) => name === `${way}: ${what}`)!;
        const kept = measures.find(({ name }) => name === `activations kept: ${what}`)!;
        expect(measure.of).toBe(kept.name);
        expect(measure.ratio).toBeCloseTo(measure.value / kept.value, 9);
      }
  });

  test("measures the engine, and other libraries on the same training steps", { timeout: 300_000 }, async () => {
    const { stdout } = await bench("engine", "--json", "--quick");
    const { measures } = benchmarkResultSchema.parse(JSON.parse(stdout));
    const value = (name: string): number => measures.find((measure) => measure.name === name)!.value;
    // Two convolutions of 4 channels on 8 x 8 pixels; the images are not differentiated by.
    expect(value("2D convolutions: operations of a step")).toBeCloseTo(((2 + 3) * 2 * 4 * 4 * 9 * 64) / 1e9, 12);
    for (const label of thorough ? ["BERT", "ViT fine-tuning", "2D U-Net", "3D U-Net"] : ["2D U-Net"])
      expect(value(`${label}, LoRA: operations of a step`)).toBeLessThan(value(`${label}: operations of a step`));
    for (const label of thorough ? ["2D U-Net", "3D U-Net"] : ["2D U-Net"])
      expect(measures.some(({ name }) => name.startsWith(`${label}: time in `))).toBe(true);
    const libraries = ["jax-js", "TensorFlow.js"];
    for (const [i, label] of ["encoder", "2D convolutions"].entries()) {
      const peers = measures.filter(({ name, of }) => name !== of && of === `${label}: step, best`);
      expect(peers.map(({ name }) => name.replace(/^.*step of ([\w.-]+) .*$/, "$1"))).toEqual(
        thorough ? libraries : [libraries[i]],
      );
    }
    expect(value("browser bundle, minified and compressed")).toBeLessThan(value("browser bundle, minified"));
  });

  test("what it does not understand is refused with the usage", async () => {
    await expect(bench("nothing")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("usage: npm run bench"),
    });
  });

  test.each([[["nothing"]], [[]], [["training", "--quick", "--write"]], [["training", "--fast"]], [["record"]]])(
    "%j is refused",
    (args) => {
      expect(() => readArguments(args, ["training"])).toThrow(TypeError);
    },
  );
});

test("a finished run is recorded with its figures, intervals and what it ran on", { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "vesalius-bench-"));
  try {
    const shape = { name: "vit" as const, imageSize: 16, patchSize: 4, channels: 1, width: 16, depth: 1, heads: 2 };
    const count = { train: 48, validation: 40 };
    const data = { task: { generator: "synthetic-radiographs", count } } as const;
    const methods = [{ name: "scratch", epochs: 1 } as const, { name: "linearProbe", epochs: 1 } as const];
    const recipe = {
      name: "tiny",
      data,
      backbone: shape,
      pretraining: { objective: { name: "maskedImageModelling" as const }, epochs: 1, batchSize: 16, eachSeed: true },
      task: { name: "classification" as const },
      adaptation: { seeds: [1, 2], batchSize: 16, methods },
      evaluation: { resamples: 20 },
    };
    await runRecipe(recipe, { out: join(folder, "run") });
    const { stdout } = await bench("record", join(folder, "run"), "--json");
    const result = benchmarkResultSchema.parse(JSON.parse(stdout));
    const report = runReportSchema.parse(JSON.parse(readFileSync(join(folder, "run", "report.json"), "utf8")));
    expect(result.name).toBe("tiny");
    expect(result.machine).toEqual(report.environment);
    for (const { method, metrics } of report.methods)
      expect(result.measures).toContainEqual(
        expect.objectContaining({ name: `ROC AUC, ${method}`, value: metrics["rocAuc"]!.value, unit: "" }),
      );
    expect(result.measures).toContainEqual(
      expect.objectContaining({ name: "time of the whole run", value: report.cost.seconds, unit: "s" }),
    );
    const losses = report.stages.flatMap((stage) => (stage.kind === "pretraining" ? stage.history.at(-1)!.loss : []));
    expect(losses).toHaveLength(2);
    expect(result.measures).toContainEqual(
      expect.objectContaining({ name: "last loss of pretraining", value: (losses[0]! + losses[1]!) / 2 }),
    );
    expect(result.method).toContain("means over 2 seeds of pretraining and adaptation together");
    expect(result.method).toContain(syntheticNotice);
    expect(existsSync(join(root, "benchmarks", "results", "tiny.json"))).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("results", () => {
  const machine = {
    vesalius: "0.1.0",
    node: "20.19.0",
    engine: { name: "node-cpu", version: "1.30.0" },
    threads: 2,
    cpu: "a processor",
    cores: 2,
    memoryGiB: 8,
    system: "Linux",
    architecture: "x64",
  };
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
  // Counts of fuzzing are no measures and have a table of their own.
  const files = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "fuzz.json")
    : [];
  test.each(files)("the committed file %s has this form", (file) => {
    const result = benchmarkResultSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
    expect(`${result.name}.json`).toBe(file);
  });
});
