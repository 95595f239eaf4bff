import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "../adaptation/index.node.ts";
import { readSafetensors } from "../common/index.ts";
import { generators } from "../data/datasets/index.ts";
import { tinyRecipe } from "./recipe.test.helper.ts";
import type { RunOutcome } from "./run-recipe.node.ts";
import type { RunEvent } from "./stages/events.ts";
import { isTrained } from "./stages/records.ts";
import { origins, readLines, readReport, run, whole } from "./run.test.helper.ts";

/** Pretraining, six adaptations with an evaluation each, and four models with few labels. */
const wholeStages = 1 + 6 * 2 + 4;

describe("a whole run", () => {
  let folder: string;
  let outcome: RunOutcome;
  const events: RunEvent[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-run-"));
    outcome = await run(whole, { out: folder, onEvent: (event) => events.push(event) });
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  it("leaves the files of a run, and no lock or checkpoint", async () => {
    expect((await readdir(folder)).sort()).toEqual([
      "environment.json",
      "evaluations",
      "metrics.jsonl",
      "models",
      "pretraining",
      "recipe.yaml",
      "report.html",
      "report.json",
      "stages",
      "studies",
      "summary.json",
    ]);
    const models = ["linearProbe", "lora", "scratch"].flatMap((method) => [`${method}-seed1`, `${method}-seed2`]);
    expect((await readdir(join(folder, "models"))).sort()).toEqual(models);
    expect((await readdir(join(folder, "evaluations"))).sort()).toEqual(models);
    expect((await readdir(join(folder, "models/lora-seed1"))).sort()).toEqual([
      "adapter",
      "config.json",
      "model.json",
      "model.onnx",
      "model.safetensors",
    ]);
    expect((await readdir(join(folder, "evaluations/lora-seed1"))).sort()).toEqual([
      "measures.json",
      "predictions.csv",
    ]);
    expect((await readdir(join(folder, "pretraining"))).sort()).toEqual([
      "backbone.safetensors",
      "config.json",
      "objective.safetensors",
      "preparation.json",
      "shown.json",
    ]);
  });

  it("saves the backbone under timm's names and the decoder beside it", async () => {
    const names = async (name: string) => [
      ...readSafetensors(await readFile(join(folder, "pretraining", name)), name).tensors.keys(),
    ];
    expect(await names("backbone.safetensors")).toEqual(
      expect.arrayContaining(["patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "norm.weight"]),
    );
    expect(await names("objective.safetensors")).toEqual(expect.arrayContaining(["mask_token", "decoder_pred.weight"]));
  });

  it("writes a valid report that compares methods, seeds and numbers of labels", async () => {
    const report = await readReport(folder);
    expect(report).toMatchObject({ synthetic: true, smoke: false, metric: "rocAuc", unit: "images" });
    expect(report.methods.map(({ method, scores }) => [method, scores.length])).toEqual([
      ["scratch", 2],
      ["lora", 2],
      ["linearProbe", 2],
    ]);
    for (const { scores, metrics } of report.methods)
      expect(metrics["rocAuc"]!.value).toBeCloseTo((scores[0]! + scores[1]!) / 2, 10);
    expect(report.comparisons.map(({ method, reference }) => [method, reference])).toEqual([
      ["lora", "scratch"],
      ["linearProbe", "scratch"],
    ]);
    const [first] = report.comparisons;
    const scoresOf = (name: string) => report.methods.find(({ method }) => method === name)!.scores;
    expect(first!.overCases["rocAuc"]).toMatchObject({ first: scoresOf("lora")[0], second: scoresOf("scratch")[0] });
    expect(first!.overSeeds!["rocAuc"]!.value).toBeCloseTo(
      (scoresOf("lora")[0]! - scoresOf("scratch")[0]! + scoresOf("lora")[1]! - scoresOf("scratch")[1]!) / 2,
      10,
    );
    expect(report.stages).toHaveLength(wholeStages);
    expect(report.cost.energy.wattHours).toBeGreaterThan(0);
    expect(report.floors[0]).toEqual({ metric: "rocAuc", value: 0.6123, name: "mean grey" });
  });

  it("ends a curve over numbers of labels with the adaptation's own models", async () => {
    const { studies, methods } = await readReport(folder);
    const { name, results } = studies[0]!;
    expect(name).toBe("labelEfficiency");
    expect(results.map(({ method, examples, scores }) => [method, examples, scores.length])).toEqual([
      ["scratch", 8, 2],
      ["scratch", 48, 2],
      ["lora", 8, 2],
      ["lora", 48, 2],
    ]);
    const withAll = results.filter(({ examples }) => examples === 48);
    expect(withAll.map(({ scores }) => scores)).toEqual(methods.slice(0, 2).map(({ scores }) => scores));
  });

  it("writes a page that says at the top that the data are synthetic, and escapes what it is given", async () => {
    const page = await readFile(join(folder, "report.html"), "utf8");
    expect(page).toContain("A &lt;tiny&gt; study");
    expect(page).not.toContain("<tiny>");
    expect(page.indexOf("Synthetic data: every example was made by a program")).toBeGreaterThan(0);
    expect(page.indexOf("Synthetic data")).toBeLessThan(page.indexOf("Methods compared"));
    for (const part of [
      "Label efficiency",
      "Loss of pretraining",
      "scratch in detail",
      "Confusion matrix",
      "Cautions",
      "Time and energy",
      "Research use only",
      "mean grey (floor)",
    ])
      expect(page).toContain(part);
    expect(page).not.toMatch(/NaN|undefined|\[object/);
  });

  it("names no folder, host or user in what it writes", async () => {
    for (const name of [
      "environment.json",
      "report.json",
      "report.html",
      "summary.json",
      "recipe.yaml",
      "metrics.jsonl",
      "stages/pretraining.json",
      "models/lora-seed1/model.json",
    ]) {
      const text = await readFile(join(folder, name), "utf8");
      expect(text).not.toContain(folder);
      expect(text).not.toContain(process.cwd());
    }
  });

  it("evaluates the model that is in the folder", async () => {
    const model = await loadModel(join(folder, outcome.summary.methods[0]!.model!));
    const { generator: name, ...settings } = tinyRecipe.data.task;
    const { splits } = generators.create({ name, ...settings });
    const rows = (await readFile(join(folder, "evaluations/scratch-seed1/predictions.csv"), "utf8"))
      .trimEnd()
      .split("\n")
      .slice(1);
    expect(rows).toHaveLength(48);
    let row = 0;
    for await (const { answer } of model.predict(splits["validation"]!)) {
      const { probabilities } = answer as { probabilities: Float32Array };
      expect(Number(rows[row++]!.split(",").at(-1))).toBe(probabilities[1]);
    }
  });

  it("records each step once, stage after stage", async () => {
    const lines = await readLines(folder);
    expect(new Set(lines.map(({ stage, step }) => `${stage} ${step}`)).size).toBe(lines.length);
    const trained = (await readReport(folder)).stages.filter(isTrained).map(({ stage }) => stage);
    expect([...new Set(lines.map(({ stage }) => stage))]).toEqual(trained);
    expect(events.flatMap((event) => (event.type === "stageStarted" ? [event.number] : []))).toEqual(
      Array.from({ length: wholeStages }, (_, i) => i + 1),
    );
  });

  it("reads everything back on a second call, and changes no file that it has made", async () => {
    const files = [
      "models/lora-seed2/model.safetensors",
      "pretraining/backbone.safetensors",
      "stages/pretraining.json",
      "evaluations/lora-seed1/measures.json",
    ];
    const times = () => Promise.all(files.map(async (name) => (await stat(join(folder, name))).mtimeMs));
    const before = await times();
    const metrics = await readFile(join(folder, "metrics.jsonl"), "utf8");
    const report = await readFile(join(folder, "report.json"), "utf8");
    const again: RunEvent[] = [];
    const second = await run(whole, { out: folder, onEvent: (event) => again.push(event) });
    expect(again.filter((event) => event.type === "progress")).toEqual([]);
    expect(Object.values(origins(again))).toEqual(Array.from({ length: wholeStages }, () => "run"));
    expect(await times()).toEqual(before);
    expect(await readFile(join(folder, "metrics.jsonl"), "utf8")).toBe(metrics);
    expect(await readFile(join(folder, "report.json"), "utf8")).toBe(report);
    expect(second.summary).toEqual(outcome.summary);
  }, 60_000);
});
