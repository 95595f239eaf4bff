/** Where runs start, and where they do not: refusals, seeds, pretrained folders, smoke tests. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSafetensors } from "../common/index.ts";
import { failureOf, makeFolder, tinyRecipe } from "./recipe.test.helper.ts";
import { type RunOutcome } from "./run-recipe.node.ts";
import type { RecipeInput } from "./schema.ts";
import { isTrained } from "./stages/records.ts";
import { readReport, run, whole } from "./run.test.helper.ts";

describe("a run that cannot work", () => {
  it("stops where the loss is no number any more, names stage and step, and keeps the checkpoint", async () => {
    const folder = await makeFolder();
    const recipe: RecipeInput = {
      ...tinyRecipe,
      pretraining: {
        ...tinyRecipe.pretraining,
        epochs: 14,
        learningRate: 1e5,
        weightDecay: 0,
        schedule: { name: "cosine", warmupFraction: 1 },
      },
    };
    const error = await failureOf(() => run(recipe, { out: folder }));
    expect(error.code).toBe("not-a-number");
    expect(error.what).toMatch(/^pretraining: .*at step \d+; the checkpoint of step \d+ is kept$/);
    expect((await readdir(join(folder, "checkpoints"))).some((name) => name.endsWith(".safetensors"))).toBe(true);
    expect(existsSync(join(folder, "run.lock"))).toBe(false);
  }, 60_000);

  it.each<[string, RecipeInput, string, string]>([
    ["data that are not there", { ...tinyRecipe, data: { task: "nowhere" } }, "missing-file", "nowhere"],
    [
      "a class that the data do not have",
      { ...tinyRecipe, task: { name: "classification", positiveClass: "cat" } },
      "bad-argument",
      "positiveClass",
    ],
    [
      "a split that the data do not have",
      { ...tinyRecipe, evaluation: { split: "test" } },
      "bad-configuration",
      "evaluation.split",
    ],
    [
      "a training split that the data do not have",
      { ...tinyRecipe, data: { task: { ...tinyRecipe.data.task, trainingSplit: "all" } } },
      "bad-configuration",
      "data.pretraining[0].trainingSplit",
    ],
    [
      "a metric that the task does not have",
      { ...tinyRecipe, evaluation: { metric: "rocAcu" } },
      "bad-configuration",
      "evaluation.metric",
    ],
    [
      "a floor in a metric that the task does not have",
      { ...tinyRecipe, evaluation: { floors: [{ metric: "dice", value: 1, name: "x" }] } },
      "bad-configuration",
      "evaluation.floors[0].metric",
    ],
    [
      "more labels than there are",
      { ...tinyRecipe, studies: [{ name: "labelEfficiency", counts: [49] }] },
      "bad-configuration",
      "studies[0].counts[0]",
    ],
    [
      "a study that the network does not fit",
      { ...tinyRecipe, studies: [{ name: "missingModality" }] },
      "bad-configuration",
      "studies[0]",
    ],
    [
      "a column that the data do not have",
      { ...tinyRecipe, backbone: { ...tinyRecipe.backbone, inputs: { image: "film" } } },
      "bad-data",
      "split train",
    ],
    ["a backbone that is not there", { ...tinyRecipe, backbone: { weights: "nowhere" } }, "missing-file", "nowhere"],
  ])("refuses %s before it makes a folder", async (_, recipe, code, where) => {
    const data = await makeFolder();
    const out = join(await makeFolder(), "run");
    const error = await failureOf(() => run(recipe, { data, out }));
    expect(error.code).toBe(code);
    expect(error.where).toContain(where);
    expect(existsSync(out)).toBe(false);
  });

  it("asks for the data folder where the recipe names a dataset", async () => {
    const error = await failureOf(() => run({ ...tinyRecipe, data: { task: "x" } }, { out: "unused" }));
    expect(error).toMatchObject({ code: "bad-argument", where: "data" });
  });
});

describe("pretraining for each seed", () => {
  it("adapts with each seed the backbone of that seed, which is the one that the seed alone gives", async () => {
    const { pretraining } = tinyRecipe;
    const probe = { ...tinyRecipe.adaptation, methods: [{ name: "linearProbe", epochs: 4 }] };
    const both = await makeFolder();
    await run(
      {
        ...tinyRecipe,
        pretraining: { ...pretraining, eachSeed: true },
        adaptation: { ...probe, seeds: [3, 5] },
        studies: [{ name: "labelEfficiency", counts: [8, "all"], seeds: [6], steps: 2 }],
      },
      { out: both },
    );
    const weights = async (folder: string, name: string) =>
      readSafetensors(await readFile(join(folder, name)), name).tensors.get("blocks.0.attn.qkv.weight")!.data;
    expect((await readdir(join(both, "pretraining"))).sort()).toEqual(["seed3", "seed5", "seed6"]);
    for (const seed of [3, 5]) {
      const alone = await makeFolder();
      await run({ ...tinyRecipe, seed, adaptation: probe }, { out: alone });
      const expected = await weights(alone, "pretraining/backbone.safetensors");
      expect(await weights(both, `pretraining/seed${seed}/backbone.safetensors`)).toEqual(expected);
      expect(await weights(both, `models/linearProbe-seed${seed}/model.safetensors`)).toEqual(expected);
    }
    const { stages } = await readReport(both);
    expect(stages.filter(({ kind }) => kind === "pretraining").map(({ stage, seed }) => [stage, seed])).toEqual(
      [3, 5, 6].map((seed) => [`pretraining/seed${seed}`, seed]),
    );
    // No adaptation has seed 6: its model with all labels is trained, and as long as an adaptation.
    const trained = stages.filter(isTrained);
    const { steps } = trained.find(({ kind }) => kind === "adaptation")!;
    const points = trained.filter(({ kind }) => kind === "point");
    expect(points.map((stage) => [stage.examples, stage.steps])).toEqual([
      [8, 2],
      [48, steps],
    ]);
    expect(await readFile(join(both, "report.html"), "utf8")).toContain("seed 6");
  }, 90_000);
});

describe("a run from a pretrained folder", () => {
  it("takes network, encoders and weights from there", async () => {
    const [first, second, straight] = [await makeFolder(), await makeFolder(), await makeFolder()];
    const { adaptation, task, ...pretraining } = tinyRecipe;
    await run(pretraining, { out: first });
    const { pretraining: _pretraining, ...rest } = tinyRecipe;
    const recipe: RecipeInput = { ...rest, backbone: { weights: join(first, "pretraining") }, task, adaptation };
    const { summary } = await run(recipe, { out: second });
    const together = await run(tinyRecipe, { out: straight });
    const score = (of: RunOutcome["summary"]) => of.methods.find(({ method }) => method === "lora")!.scores;
    expect(score(summary)).toEqual(score(together.summary));
  }, 60_000);
});

describe("a smoke test", () => {
  it("runs every part of a recipe on a handful of examples, and says so", async () => {
    const out = await makeFolder();
    const large: RecipeInput = {
      ...whole,
      backbone: { name: "vit", preset: "base", imageSize: 16, patchSize: 4, positions: "sineCosine" },
      data: { task: { generator: "synthetic-radiographs", imageSize: 16, count: { train: 300, validation: 200 } } },
    };
    const { summary } = await run(large, { out, smoke: true });
    expect(summary).toMatchObject({ smoke: true, title: "A <tiny> study (smoke test)" });
    const { stages, evaluations } = await readReport(out);
    for (const stage of stages.filter(isTrained)) {
      expect(stage.steps).toBeLessThanOrEqual(3);
      expect(stage.examples).toBeLessThanOrEqual(16);
    }
    expect(Object.values(evaluations)[0]!.count).toBe(8);
    expect(await readFile(join(out, "recipe.yaml"), "utf8")).toContain("width: 32");
    expect(await readFile(join(out, "report.html"), "utf8")).toContain("The numbers mean nothing");
    expect(existsSync(join(out, "models/lora-seed1/model.onnx"))).toBe(true);
  }, 60_000);
});
