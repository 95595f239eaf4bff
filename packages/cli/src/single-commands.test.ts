/** Commands that need no run before them. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkOutput } from "./doctor/checks.ts";
import { makeFolder, objectOn, start, vesalius } from "./command-line.test.helper.ts";

describe("single commands", () => {
  it("pretrain leaves a backbone", async () => {
    const out = join(await makeFolder(), "run");
    const ended = await vesalius(
      "pretrain",
      "synthetic-radiographs",
      "--option",
      "imageSize=16",
      "--option",
      "count={ train: 64, validation: 32 }",
      "--set",
      "pretraining.epochs=1",
      "--set",
      "pretraining.batchSize=16",
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
    const data = [
      "synthetic-radiographs",
      "--option",
      "imageSize=16",
      "--option",
      "count={ train: 128, validation: 64 }",
    ];
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
    const ended = await start(["doctor", "--out", await makeFolder(), "--json"]).ended;
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

  it("doctor finds that results cannot be written", async () => {
    expect(await checkOutput(join(await makeFolder(), "missing"))).toMatchObject({ works: false, needed: true });
  });
});
