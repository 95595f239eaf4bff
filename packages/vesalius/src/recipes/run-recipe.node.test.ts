import { existsSync } from "node:fs";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, afterAll, describe, expect, it } from "vitest";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { loadClassifier } from "../applications/vision/load-classifier.node.ts";
import { syntheticRadiographsOfImages } from "../data/index.ts";
import { readSafetensors } from "../common/safetensors.ts";
import { failureOf, makeFolder, tinyRecipe } from "./recipe.test.helper.ts";
import { runReportSchema } from "./report/run-report.ts";
import type { RunEvent } from "./run/events.ts";
import { type RunOutcome, runRecipe } from "./run-recipe.node.ts";
import type { RecipeInput } from "./schema.ts";

const whole: RecipeInput = {
  ...tinyRecipe,
  title: "A <tiny> study",
  adaptation: {
    ...tinyRecipe.adaptation,
    seeds: [1, 2],
    methods: [{ name: "scratch" }, { name: "lora", rank: 2 }, { name: "linearProbe", epochs: 4 }],
  },
  labelEfficiency: { counts: [8, "all"], methods: ["scratch", "lora"], steps: 2 },
  evaluation: { ...tinyRecipe.evaluation, floor: { metric: "rocAuc", value: 0.6123, name: "mean grey" } },
};

const readLines = async (folder: string): Promise<{ stage: string; step: number }[]> =>
  (await readFile(join(folder, "metrics.jsonl"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { stage: string; step: number });

describe("a whole run", () => {
  let folder: string;
  let outcome: RunOutcome;
  const events: RunEvent[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-run-"));
    outcome = await runRecipe(whole, { out: folder, onEvent: (event) => events.push(event) });
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  it("leaves the files of a run, and no lock or checkpoint", async () => {
    expect((await readdir(folder)).sort()).toEqual([
      "environment.json",
      "metrics.jsonl",
      "models",
      "pretraining",
      "recipe.yaml",
      "report.html",
      "report.json",
      "stages",
      "summary.json",
    ]);
    expect((await readdir(join(folder, "models"))).sort()).toEqual(
      ["linearProbe", "lora", "scratch"].flatMap((method) => [`${method}-seed1`, `${method}-seed2`]),
    );
    expect((await readdir(join(folder, "models/lora-seed1"))).sort()).toEqual([
      "adapter",
      "config.json",
      "model.onnx",
      "model.safetensors",
      "predictions.csv",
    ]);
    expect((await readdir(join(folder, "pretraining"))).sort()).toEqual([
      "backbone.safetensors",
      "config.json",
      "objective.safetensors",
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
    const report = runReportSchema.parse(JSON.parse(await readFile(join(folder, "report.json"), "utf8")));
    expect(report.synthetic).toBe(true);
    expect(report.methods.map(({ method, scores }) => [method, scores.length])).toEqual([
      ["scratch", 2],
      ["lora", 2],
      ["linearProbe", 2],
    ]);
    for (const { scores, figures } of report.methods) {
      const mean = (scores[0]! + scores[1]!) / 2;
      expect(figures.rocAuc!.value).toBeCloseTo(mean, 10);
    }
    expect(report.comparisons.map(({ method, reference }) => [method, reference])).toEqual([
      ["lora", "scratch"],
      ["linearProbe", "scratch"],
    ]);
    expect(report.labelEfficiency.map(({ method, images, scores }) => [method, images, scores.length])).toEqual([
      ["scratch", 8, 2],
      ["scratch", 48, 2],
      ["lora", 8, 2],
      ["lora", 48, 2],
    ]);
    // With all labels, the curve shows the adaptation's own models.
    const withAll = report.labelEfficiency.filter(({ images }) => images === 48);
    expect(withAll.map(({ scores }) => scores)).toEqual(report.methods.slice(0, 2).map(({ scores }) => scores));
    expect(report.stages).toHaveLength(1 + 6 + 4);
    expect(report.cost.energy.wattHours).toBeGreaterThan(0);
  });

  it("writes a page that says at the top that the data are synthetic, and escapes what it is given", async () => {
    const page = await readFile(join(folder, "report.html"), "utf8");
    expect(page).toContain("A &lt;tiny&gt; study");
    expect(page).not.toContain("<tiny>");
    expect(page.indexOf("Synthetic data: every image was drawn by a program")).toBeGreaterThan(0);
    expect(page.indexOf("Synthetic data")).toBeLessThan(page.indexOf("Methods compared"));
    expect(page.match(/data:image\/png;base64,/g)).toHaveLength(6);
    for (const part of [
      "Label efficiency",
      "Loss of pretraining",
      "scratch in detail",
      "Confusion matrix",
      "Cautions",
      "Time and energy",
      "Research use only",
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
    ]) {
      const text = await readFile(join(folder, name), "utf8");
      expect(text).not.toContain(folder);
      expect(text).not.toContain(process.cwd());
    }
  });

  it("judges the model that is in the folder", async () => {
    const model = await loadClassifier(join(folder, outcome.summary.methods[0]!.model));
    const { validation } = syntheticRadiographsOfImages({
      count: { train: 48, validation: 48, test: 0 },
      imageSize: 16,
    });
    const probabilities = await model.predict(validation!);
    const rows = (await readFile(join(folder, "models/scratch-seed1/predictions.csv"), "utf8"))
      .trimEnd()
      .split("\n")
      .slice(1);
    expect(rows).toHaveLength(48);
    rows.forEach((row, i) => expect(Number(row.split(",").at(-1))).toBe(probabilities[2 * i + 1]));
  });

  it("records each step once, stage after stage", async () => {
    const lines = await readLines(folder);
    expect(new Set(lines.map(({ stage, step }) => `${stage} ${step}`)).size).toBe(lines.length);
    expect([...new Set(lines.map(({ stage }) => stage))]).toEqual(
      events.flatMap((event) => (event.type === "stageStarted" ? [event.stage] : [])),
    );
  });

  it("reads everything back on a second call, and changes no file that it has made", async () => {
    const files = [
      "models/lora-seed2/model.safetensors",
      "pretraining/backbone.safetensors",
      "stages/pretraining.json",
    ];
    const before = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).mtimeMs));
    const metrics = await readFile(join(folder, "metrics.jsonl"), "utf8");
    const report = await readFile(join(folder, "report.json"), "utf8");
    const again: RunEvent[] = [];
    const second = await runRecipe(whole, { out: folder, onEvent: (event) => again.push(event) });
    expect(again.filter((event) => event.type === "progress")).toEqual([]);
    expect(again.filter((event) => event.type === "stageFinished" && event.earlier)).toHaveLength(1 + 6 + 4);
    expect(await Promise.all(files.map(async (name) => (await stat(join(folder, name))).mtimeMs))).toEqual(before);
    expect(await readFile(join(folder, "metrics.jsonl"), "utf8")).toBe(metrics);
    expect(await readFile(join(folder, "report.json"), "utf8")).toBe(report);
    expect(second.summary).toEqual(outcome.summary);
  }, 60_000);
});

describe("an interrupted run", () => {
  it("saves a checkpoint, says so, and goes on to the same weights and metrics", async () => {
    const [stopped, straight] = [await makeFolder(), await makeFolder()];
    const controller = new AbortController();
    const error = await failureOf(() =>
      runRecipe(tinyRecipe, {
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
    expect(existsSync(join(stopped, "checkpoints/adaptation/lora-seed3.safetensors"))).toBe(true);
    expect(existsSync(join(stopped, "run.lock"))).toBe(false);
    await runRecipe(tinyRecipe, { out: stopped });
    await runRecipe(tinyRecipe, { out: straight });
    for (const name of ["models/lora-seed3/model.safetensors", "models/lora-seed3/predictions.csv", "metrics.jsonl"])
      expect(await readFile(join(stopped, name))).toEqual(await readFile(join(straight, name)));
    const { stages } = runReportSchema.parse(JSON.parse(await readFile(join(stopped, "report.json"), "utf8")));
    const resumed = stages.find(({ stage }) => stage === "adaptation/lora-seed3")!;
    expect(resumed.steps).toBe(6);
    // Both sittings are counted.
    expect(resumed.cost.seconds).toBeGreaterThan(resumed.time.total * 0.9);
  }, 60_000);

  it("refuses to go on with other images", async () => {
    const folder = await makeFolder();
    const { adaptation: _adaptation, ...pretraining } = tinyRecipe;
    await runRecipe(pretraining, { out: folder });
    const record = join(folder, "stages/pretraining.json");
    const text = await readFile(record, "utf8");
    await writeFile(record, text.replace(/"fingerprint": "[0-9a-f]+"/, '"fingerprint": "0"'));
    const error = await failureOf(() => runRecipe(pretraining, { out: folder }));
    expect(error).toMatchObject({ code: "checkpoint-mismatch", where: folder });
  }, 60_000);
});

describe("a run that cannot work", () => {
  it("stops where the loss is no number any more, names stage and step, and keeps the checkpoint", async () => {
    const folder = await makeFolder();
    const recipe: RecipeInput = {
      ...tinyRecipe,
      pretraining: { ...tinyRecipe.pretraining, epochs: 14, learningRate: 1e5, warmupFraction: 1, weightDecay: 0 },
    };
    const error = await failureOf(() => runRecipe(recipe, { out: folder }));
    expect(error.code).toBe("not-a-number");
    expect(error.what).toMatch(/^pretraining: .*at step \d+; the checkpoint of step \d+ is kept$/);
    expect(existsSync(join(folder, "checkpoints/pretraining.safetensors"))).toBe(true);
    expect(existsSync(join(folder, "run.lock"))).toBe(false);
  }, 60_000);

  it.each<[string, RecipeInput, string, string]>([
    ["data that are not there", { ...tinyRecipe, data: { task: "nowhere" } }, "missing-file", "nowhere"],
    [
      "a class that the data do not have",
      { ...tinyRecipe, evaluation: { positiveClass: "cat" } },
      "bad-configuration",
      "evaluation.positiveClass",
    ],
    [
      "a split that the data do not have",
      { ...tinyRecipe, evaluation: { split: "test" } },
      "bad-configuration",
      "evaluation.split",
    ],
    [
      "more labels than there are",
      { ...tinyRecipe, labelEfficiency: { counts: [49] } },
      "bad-configuration",
      "labelEfficiency.counts[0]",
    ],
    ["a backbone that is not there", { ...tinyRecipe, backbone: { weights: "nowhere" } }, "missing-file", "nowhere"],
  ])("refuses %s before it makes a folder", async (_, recipe, code, where) => {
    const data = await makeFolder();
    const out = join(await makeFolder(), "run");
    const error = await failureOf(() => runRecipe(recipe, { data, out }));
    expect(error.code).toBe(code);
    expect(error.where).toContain(where);
    expect(existsSync(out)).toBe(false);
  });

  it("asks for the data folder where the recipe names a dataset", async () => {
    const error = await failureOf(() => runRecipe({ ...tinyRecipe, data: { task: "x" } }, { out: "unused" }));
    expect(error).toMatchObject({ code: "bad-argument", where: "data" });
  });
});

describe("pretraining for each seed", () => {
  it("adapts with each seed the backbone of that seed, which is the one that the seed alone gives", async () => {
    const { pretraining } = tinyRecipe;
    const run = async (recipe: RecipeInput): Promise<{ folder: string; outcome: RunOutcome }> => {
      const folder = await makeFolder();
      return { folder, outcome: await runRecipe(recipe, { out: folder }) };
    };
    const both = await run({
      ...tinyRecipe,
      pretraining: { ...pretraining, eachSeed: true },
      adaptation: { ...tinyRecipe.adaptation, seeds: [3, 5], methods: [{ name: "linearProbe", epochs: 4 }] },
      labelEfficiency: { counts: [8, "all"], seeds: [6], steps: 2 },
    });
    const weights = async (folder: string, name: string) =>
      readSafetensors(await readFile(join(folder, name)), name).tensors.get("blocks.0.attn.qkv.weight")!.data;
    expect((await readdir(join(both.folder, "pretraining"))).sort()).toEqual(["seed3", "seed5", "seed6"]);
    for (const seed of [3, 5]) {
      const alone = await run({
        ...tinyRecipe,
        seed,
        adaptation: { ...tinyRecipe.adaptation, methods: [{ name: "linearProbe", epochs: 4 }] },
      });
      const expected = await weights(alone.folder, "pretraining/backbone.safetensors");
      expect(await weights(both.folder, `pretraining/seed${seed}/backbone.safetensors`)).toEqual(expected);
      expect(await weights(both.folder, `models/linearProbe-seed${seed}/model.safetensors`)).toEqual(expected);
    }
    const report = runReportSchema.parse(JSON.parse(await readFile(join(both.folder, "report.json"), "utf8")));
    const pretrainings = report.stages.filter(({ kind }) => kind === "pretraining");
    expect(pretrainings.map(({ stage, seed }) => [stage, seed])).toEqual(
      [3, 5, 6].map((seed) => [`pretraining/seed${seed}`, seed]),
    );
    // No adaptation has seed 6: its model with all labels is trained, and as long as an adaptation.
    const few = report.stages.filter(({ kind }) => kind === "labelEfficiency");
    const { steps } = report.stages.find(({ kind }) => kind === "adaptation")!;
    expect(few.map((stage) => [stage.images, stage.steps])).toEqual([
      [8, 2],
      [48, steps],
    ]);
    expect(await readFile(join(both.folder, "report.html"), "utf8")).toContain("seed 6");
  }, 60_000);
});

describe("a run from a pretrained folder", () => {
  it("takes shape, preprocessing and weights from there", async () => {
    const [first, second] = [await makeFolder(), await makeFolder()];
    const { adaptation, ...pretraining } = tinyRecipe;
    await runRecipe(pretraining, { out: first });
    const { pretraining: _pretraining, ...rest } = tinyRecipe;
    const recipe: RecipeInput = { ...rest, backbone: { weights: join(first, "pretraining") }, adaptation };
    const { summary } = await runRecipe(recipe, { out: second });
    const straight = await makeFolder();
    const together = await runRecipe(tinyRecipe, { out: straight });
    const score = (of: RunOutcome["summary"]) => of.methods.find(({ method }) => method === "lora")!.scores;
    expect(score(summary)).toEqual(score(together.summary));
  }, 60_000);
});
