import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadModel } from "../adaptation/index.node.ts";
import { extended, stripesGenerator, stripesLines } from "./added-parts.test.helper.ts";
import { failureOf, makeFolder } from "./recipe.test.helper.ts";
import { parseRecipe } from "./parse.ts";
import { recipeResult } from "./report/result.ts";
import { runReportSchema } from "./report/run-report.ts";
import { runRecipe } from "./run-recipe.node.ts";

const recipe = parseRecipe(
  `
name: stripes
title: Which way do stripes go?
seed: 1
data: { task: { generator: stripes } }
backbone: { name: flat, inputs: { image: picture } }
pretraining: { objective: { name: redrawing }, epochs: 20, batchSize: 20 }
task: { name: direction }
adaptation:
  seeds: [1, 2]
  epochs: 20
  batchSize: 20
  learningRate: 0.01
  methods:
    - { name: scratch }
    - { name: biasTuning, rate: 0.02, epochs: 2 }
    - { name: linearProbe }
studies:
  - { name: labelEfficiency, counts: [10, all], methods: [scratch], steps: 30 }
evaluation: { resamples: 50 }
`,
  { catalogues: extended },
);

describe("parts that a program adds to the catalogues", () => {
  it("work from recipe to report, and are learned with", async () => {
    const out = await makeFolder();
    const { summary } = await runRecipe(recipe, { out, catalogues: extended, workers: 0 });
    expect(summary).toMatchObject({
      metric: { name: "right", label: "Share right" },
      unit: "pictures",
      floor: { name: "a coin", value: 0.5 },
    });
    // Training reaches what a coin does not; with ten labels it does not get as far as with two hundred.
    const scratch = summary.methods.find(({ method }) => method === "scratch")!;
    expect(scratch.value).toBeGreaterThan(0.85);
    const [few, all] = summary.studies[0]!.results;
    expect(few!.examples).toBe(10);
    expect(few!.estimate.value!).toBeLessThan(all!.estimate.value! - 0.05);
    expect(all!.scores).toEqual(scratch.scores);

    const report = runReportSchema.parse(JSON.parse(await readFile(join(out, "report.json"), "utf8")));
    const pretraining = report.stages.find((stage) => stage.kind === "pretraining")!;
    expect(pretraining.history.at(-1)!.loss).toBeLessThan(pretraining.history[0]!.loss / 2);
    expect(pretraining.history.at(-1)!.terms!["error"]).toBeCloseTo(pretraining.history.at(-1)!.loss, 6);
    const page = await readFile(join(out, "report.html"), "utf8");
    for (const part of ["6 pictures drawn again, 64 pixels each", "Error in pretraining", "biasTuning in detail"])
      expect(page).toContain(part);
    expect(await readFile(join(out, "evaluations/scratch-seed1/directions.txt"), "utf8")).toMatch(
      /^validation-0 lying/,
    );

    expect(recipeResult(report, new Date("2026-01-31T12:00:00Z"))).toMatchObject({
      recipe: "stripes",
      subfield: "vision",
      application: "Vision: toys",
      dataset: "stripes",
      metric: "Share right",
      better: "higher",
      floor: { name: "a coin", value: 0.5 },
      methods: [{ label: "scratch", seeds: 2 }, { label: "biasTuning" }, { label: "linearProbe" }],
      date: "2026-01-31",
    });
  }, 90_000);

  it("read data from disk", async () => {
    const data = await makeFolder();
    const { splits } = stripesGenerator.create({ count: { train: 80, validation: 40 }, seed: 1 });
    for (const [name, split] of Object.entries(splits)) {
      await mkdir(join(data, "zebras"), { recursive: true });
      await writeFile(join(data, "zebras", `${name}.stripes`), stripesLines(split));
    }
    const text = `
name: zebras
data: { task: { dataset: zebras, most: 60 } }
backbone: { name: flat, inputs: { image: picture } }
task: { name: direction }
adaptation: { epochs: 40, batchSize: 20, learningRate: 0.01, methods: [{ name: scratch }] }
evaluation: { resamples: 20 }
`;
    const read = parseRecipe(text, { catalogues: extended });
    const { summary } = await runRecipe(read, { data, out: await makeFolder(), catalogues: extended, workers: 0 });
    expect(summary.methods[0]!.value).toBeGreaterThan(0.8);
    expect(() => parseRecipe(text.replace("most", "least: 2, mots"), { catalogues: extended })).toThrow(
      /data.task.mots: unknown key; did you mean most/,
    );
  }, 60_000);

  it("come back with a saved model, and are named where they are missing", async () => {
    const out = await makeFolder();
    const scratch = {
      ...recipe,
      studies: [],
      adaptation: { seeds: [1], methods: recipe.adaptation!.methods.slice(0, 1) },
    };
    const {
      pretraining: _pretraining,
      data: { task },
      ...rest
    } = scratch;
    await runRecipe({ ...rest, data: { task: task! } }, { out, catalogues: extended, workers: 0, smoke: true });
    const folder = join(out, "models/scratch-seed1");
    const model = await loadModel(folder, extended);
    const { splits } = stripesGenerator.create({ count: { train: 2, validation: 4 }, seed: 1 });
    const answers = [];
    for await (const { answer } of model.predict(splits["validation"]!)) answers.push(model.task.toJson(answer));
    expect(answers).toHaveLength(4);
    expect(answers[0]).toHaveProperty("direction");
    expect((await failureOf(() => loadModel(folder))).message).toMatch(
      /no (architecture|task) called (flat|direction)/,
    );
  }, 60_000);
});
