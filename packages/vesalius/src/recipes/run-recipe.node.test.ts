import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "../adaptation/index.node.ts";
import { readSafetensors } from "../common/index.ts";
import { generators } from "../data/datasets/index.ts";
import { failureOf, makeFolder, tinyRecipe } from "./recipe.test.helper.ts";
import { runReportSchema } from "./report/run-report.ts";
import { type RunOutcome, runRecipe, type RunRecipeOptions } from "./run-recipe.node.ts";
import type { RecipeInput } from "./schema.ts";
import type { RunEvent } from "./stages/events.ts";
import { isTrained } from "./stages/records.ts";

/** Runs without worker threads, whose start takes longer than these trainings. */
const run = (recipe: RecipeInput, options: RunRecipeOptions) => runRecipe(recipe, { workers: 0, ...options });

const whole: RecipeInput = {
  ...tinyRecipe,
  title: "A <tiny> study",
  adaptation: {
    ...tinyRecipe.adaptation,
    seeds: [1, 2],
    methods: [{ name: "scratch" }, { name: "lora", rank: 2 }, { name: "linearProbe", epochs: 4 }],
  },
  studies: [{ name: "labelEfficiency", counts: [8, "all"], methods: ["scratch", "lora"], steps: 2 }],
  evaluation: { ...tinyRecipe.evaluation, floors: [{ metric: "rocAuc", value: 0.6123, name: "mean grey" }] },
};
/** Pretraining, six adaptations with an evaluation each, and four models with few labels. */
const wholeStages = 1 + 6 * 2 + 4;

const readLines = async (folder: string): Promise<{ stage: string; step: number }[]> =>
  (await readFile(join(folder, "metrics.jsonl"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { stage: string; step: number });

const readReport = async (folder: string) =>
  runReportSchema.parse(JSON.parse(await readFile(join(folder, "report.json"), "utf8")));

/** Where each stage came from, by name. */
const origins = (events: readonly RunEvent[]): Record<string, string> =>
  Object.fromEntries(events.flatMap((event) => (event.type === "stageFinished" ? [[event.stage, event.from]] : [])));

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
    const model = await loadModel(join(folder, outcome.summary.methods[0]!.model));
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

describe("an interrupted run", () => {
  it("saves a checkpoint, says so, and goes on to the same weights, answers and metrics", async () => {
    const [stopped, straight] = [await makeFolder(), await makeFolder()];
    const controller = new AbortController();
    const error = await failureOf(() =>
      run(tinyRecipe, {
        out: stopped,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === "progress" && event.stage === "adaptation/lora-seed3" && event.step === 3)
            controller.abort();
        },
      }),
    );
    expect(error.code).toBe("interrupted");
    expect(error.what).toBe("adaptation/lora-seed3: stopped after step 3 of 6");
    const checkpoints = await readdir(join(stopped, "checkpoints/adaptation"));
    expect(checkpoints.filter((name) => /^lora-seed3-[0-9a-f]{12}\.safetensors$/.test(name))).toHaveLength(1);
    expect(existsSync(join(stopped, "run.lock"))).toBe(false);
    await run(tinyRecipe, { out: stopped });
    await run(tinyRecipe, { out: straight });
    for (const name of [
      "models/lora-seed3/model.safetensors",
      "evaluations/lora-seed3/predictions.csv",
      "metrics.jsonl",
    ])
      expect(await readFile(join(stopped, name))).toEqual(await readFile(join(straight, name)));
    const resumed = (await readReport(stopped)).stages.find(({ stage }) => stage === "adaptation/lora-seed3");
    expect(resumed).toMatchObject({ kind: "adaptation", steps: 6 });
    // Both sessions are counted.
    if (resumed?.kind === "adaptation") expect(resumed.cost.seconds).toBeGreaterThan(resumed.time.total * 0.9);
    expect(existsSync(join(stopped, "checkpoints"))).toBe(false);
  }, 90_000);
});

describe("stages found by content", () => {
  const { adaptation: _adaptation, task: _task, ...pretrainingOnly } = tinyRecipe;

  it("two recipes that share a pretraining share it, and a changed method does not touch it", async () => {
    const [one, two, stages] = [await makeFolder(), await makeFolder(), join(await makeFolder(), "stages")];
    const seen: RunEvent[] = [];
    await run(pretrainingOnly, { out: one, stages });
    const { summary } = await run(
      { ...tinyRecipe, name: "other", title: "Another question" },
      { out: two, stages, onEvent: (event) => seen.push(event) },
    );
    expect(origins(seen)).toMatchObject({ pretraining: "shared", "adaptation/lora-seed3": "now" });
    expect(summary.name).toBe("other");
    const weights = (folder: string) => readFile(join(folder, "pretraining/backbone.safetensors"));
    expect(await weights(two)).toEqual(await weights(one));
    // What was taken from the other run counts in metrics and cost as there.
    expect((await readLines(two)).filter(({ stage }) => stage === "pretraining")).toHaveLength(6);
  }, 60_000);

  it("a changed title, floor or number of resamples trains and evaluates nothing again", async () => {
    const out = await makeFolder();
    await run(tinyRecipe, { out });
    const seen: RunEvent[] = [];
    const changed = {
      ...tinyRecipe,
      title: "A better title",
      evaluation: { resamples: 30, floors: [{ metric: "rocAuc", value: 0.5, name: "coin" }] },
    };
    const { summary } = await run(changed, { out, onEvent: (event) => seen.push(event) });
    expect(new Set(Object.values(origins(seen)))).toEqual(new Set(["run"]));
    expect(summary).toMatchObject({ title: "A better title", floor: { name: "coin" } });
    expect(await readFile(join(out, "recipe.yaml"), "utf8")).toContain("A better title");
  }, 60_000);

  it("changed settings or data are refused in a folder that holds the others, and train again elsewhere", async () => {
    const [out, stages] = [await makeFolder(), join(await makeFolder(), "stages")];
    await run(pretrainingOnly, { out, stages });
    const slower = { ...pretrainingOnly, pretraining: { ...pretrainingOnly.pretraining, learningRate: 0.002 } };
    const error = await failureOf(() => run(slower, { out, stages }));
    expect(error).toMatchObject({ code: "bad-configuration", where: out });
    expect(error.what).toContain("a finished pretraining with another training.learningRate");
    const redrawn = {
      ...pretrainingOnly,
      data: { task: { ...pretrainingOnly.data.task, seed: 1 } },
    };
    expect((await failureOf(() => run(redrawn, { out, stages }))).what).toContain("with another data");
    const seen: RunEvent[] = [];
    await run(redrawn, { out: await makeFolder(), stages, onEvent: (event) => seen.push(event) });
    expect(origins(seen)).toEqual({ pretraining: "now" });
  }, 60_000);

  it("other evaluation data leave the model and evaluate it again", async () => {
    const [one, two, stages] = [await makeFolder(), await makeFolder(), join(await makeFolder(), "stages")];
    const scratch: RecipeInput = { ...tinyRecipe, adaptation: { epochs: 1, methods: [{ name: "scratch" }] } };
    const { pretraining: _pretraining, ...recipe } = scratch;
    await run(recipe, { out: one, stages });
    const seen: RunEvent[] = [];
    const data = { task: { ...tinyRecipe.data.task, count: { train: 48, validation: 40 } } };
    await run({ ...recipe, data }, { out: two, stages, onEvent: (event) => seen.push(event) });
    expect(origins(seen)).toEqual({ "adaptation/scratch-seed3": "shared", "evaluation/scratch-seed3": "now" });
  }, 60_000);
});

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
