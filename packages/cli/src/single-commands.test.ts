/** Commands that need no run before them. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, objectOn, vesalius } from "./command-line.test.helper.ts";

describe("single commands", () => {
  it("pretrain leaves a backbone", async () => {
    const out = join(await makeFolder(), "run");
    const ended = await vesalius(
      "pretrain",
      "synthetic-radiographs",
      "--option",
      "imageSize=16",
      "--set",
      "pretraining.epochs=1",
      "--set",
      "pretraining.batchSize=400",
      "--out",
      out,
      "--json",
    );
    expect(objectOn(ended)).toMatchObject({ summary: { metric: null, methods: [] } });
    for (const name of ["backbone.safetensors", "config.json", "preparation.json", "objective.safetensors"])
      expect(existsSync(join(out, "pretraining", name))).toBe(true);
  });

  it("plan writes a recipe with reasons, which runs", async () => {
    const folder = await makeFolder();
    const file = join(folder, "plans/planned.yaml");
    const data = ["synthetic-radiographs", "--option", "imageSize=16"];
    const ended = await vesalius("plan", ...data, "--minutes", "1", "--out", file, "--json");
    expect(objectOn(ended)).toMatchObject({
      file,
      recipe: { name: "synthetic-radiographs", task: { name: "classification" }, backbone: { name: "vit" } },
    });
    expect(await readFile(file, "utf8")).toMatch(/^ *# .*\n/m);
    const run = await vesalius("run", file, "--smoke", "--out", join(folder, "run"), "--json");
    expect(objectOn(run)).toMatchObject({ summary: { smoke: true, unit: "images" } });
  }, 120_000);

  it("data describes a dataset as a table and as JSON", async () => {
    const { stdout } = await vesalius("data", "synthetic-radiographs");
    expect(stdout).toMatch(/^part +images +groups\ntrain +1600 /m);
    expect(stdout).toMatch(/^train +label +classes +/m);
    expect(objectOn(await vesalius("data", "synthetic-radiographs", "--json"))).toMatchObject({
      licence: "CC0 1.0",
      splits: { train: { length: 1600 } },
    });
  });

  it("doctor runs a model on the CPU, trains, measures and says what is missing", async () => {
    const ended = await vesalius("doctor", "--out", await makeFolder(), "--json");
    const result = objectOn(ended) as {
      works: boolean;
      matrixProductGigaflops: number;
      checks: { name: string; works: boolean }[];
    };
    expect(result.works).toBe(true);
    expect(result.matrixProductGigaflops).toBeGreaterThan(0.1);
    for (const name of ["provider cpu", "training", "telemetry", "sharp", "echarts", "output"])
      expect(result.checks.find((check) => check.name === name)).toMatchObject({ works: true });
    expect(result.checks.map(({ name }) => name)).toContain("provider webgpu");
  });

  it("doctor ends with 1 where results cannot be written", async () => {
    const ended = await vesalius("doctor", "--out", join(await makeFolder(), "missing"), "--json");
    expect(ended.code).toBe(1);
    expect(objectOn(ended)).toMatchObject({ works: false });
  });
});
