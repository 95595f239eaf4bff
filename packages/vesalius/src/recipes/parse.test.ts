import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml, stringify } from "yaml";
import { VesaliusError } from "../common/errors.ts";
import { defineRecipe, formatRecipe, parseRecipe, type RecipeOptions } from "./parse.ts";
import { failureOf } from "./recipe.test.helper.ts";
import type { RecipeInput } from "./schema.ts";
import { parseSetting } from "./settings.ts";
import { toyRecipe, toys } from "./toys.test.helper.ts";

const lines = (...text: string[]): string => text.join("\n");
const text = lines(
  "name: probe",
  "data: { task: points }",
  "backbone: { name: perceptron, preset: wide }",
  "pretraining:",
  "  epochs: 3",
  "  objective: { name: reconstruction, maskRatio: 0.6 }",
  "task: { name: quadrant }",
  "adaptation:",
  "  methods:",
  "    - { name: probe }",
  "    - name: adapter",
  "      rank: 4",
);
/** Anchors of which each names the one before ten times. */
const bomb = (levels: number): string[] =>
  Array.from(
    { length: levels },
    (_, i) =>
      `b${i}: &b${i} [${Array(10)
        .fill(i === 0 ? "*a" : `*b${i - 1}`)
        .join(", ")}]`,
  );

const parse = (yaml: string, options: RecipeOptions = {}) => parseRecipe(yaml, { catalogues: toys, ...options });

describe("parseRecipe", () => {
  it("reads a recipe and fills in the defaults", () => {
    const recipe = parse(text);
    expect(recipe).toMatchObject({
      name: "probe",
      title: "probe",
      seed: 0,
      data: {
        task: { dataset: "points", leakage: "error", trainingSplit: "train" },
        pretraining: [{ dataset: "points", leakage: "error", trainingSplit: "train" }],
      },
      backbone: { name: "perceptron", width: 32, depth: 2, activation: "gelu" },
      pretraining: { epochs: 3, batchSize: 64, objective: { name: "reconstruction", maskRatio: 0.6 } },
      task: { name: "quadrant" },
      adaptation: { seeds: [0] },
      evaluation: { split: "validation", resamples: 1000, floors: [] },
    });
    expect(recipe.adaptation?.methods[1]).toMatchObject({ label: "adapter", rank: 4, learningRate: 0.002, epochs: 3 });
  });

  it.each([
    ["maskRatio", "maskRation", 6, "pretraining.objective.maskRation: unknown key; did you mean maskRatio?"],
    ["epochs: 3", "epoch: 3", 5, "pretraining.epoch: unknown key; did you mean epochs?"],
    ["rank: 4", "rnk: 4", 12, "adaptation.methods[1].rnk: unknown key; did you mean rank?"],
    ["name: probe }", "name: prob }", 10, 'adaptation.methods[0].name: "prob" is not known; did you mean probe?'],
    ["name: reconstruction", "name: contrast", 6, "choose one of reconstruction"],
    ["rank: 4", "rank: four", 12, "adaptation.methods[1].rank: expected number"],
    ["epochs: 3", "epochs: 0", 5, "pretraining.epochs:"],
    ["preset: wide", "preset: wid", 3, 'backbone.preset: "wid" is not known; did you mean wide?'],
    ["preset: wide", "width: 8, depth: 3", 3, "backbone: depth does not divide width"],
    ["preset: wide", "inputs: { recrd: age }", 3, "backbone.inputs.recrd: perceptron reads record"],
    [
      "preset: wide",
      "encoders: { record: { clp: 3 } }",
      3,
      "backbone.encoders.record.clp: unknown key; did you mean clip?",
    ],
    ["name: perceptron", "nam: perceptron", 3, "backbone"],
    ["task: points", "task: { generator: cloud }", 2, '"cloud" is not known; did you mean clouds?'],
    ["task: points", "task: { dataset: x, leakge: error }", 2, "data.task.leakge: unknown key; did you mean leakage?"],
    ["task: points", "task: { dataset: x, reader: point }", 2, 'data.task.reader: "point" is not known'],
    ["task: points", "task: 3", 2, "expected string or object"],
    ["task: points", "task: a/b", 2, "where the folders are is said by --data"],
    ["name: probe", "nam: probe", 1, "nam: unknown key; did you mean name?"],
    ["name: adapter", "name: adapter\n      transforms: [{ name: jiter }]", 12, "did you mean jitter?"],
    ["epochs: 3", "optimizer: { name: adamm }", 5, "pretraining.optimizer.name"],
    ["task: { name: quadrant }", "task: { name: quadrnt }", 7, "did you mean quadrant?"],
    ["task: { name: quadrant }", "# none", 8, "task: adaptation needs a task; choose one of quadrant"],
    ["preset: wide", "preset: wide }\nstudies: [{ name: ablation }]\n#", 4, "studies[0].name"],
  ])("with %s as %s it names line %i and the key", async (from, to, line, message) => {
    const error = await failureOf(() => parse(text.replace(from, to), { where: "recipe.yaml" }));
    expect(error.code).toBe("bad-configuration");
    expect(error.what).toContain(message);
    expect(error.where).toMatch(/^recipe\.yaml/);
    if (message !== "task: adaptation needs a task; choose one of quadrant")
      expect(error.what).toContain(`line ${line}`);
  });

  it.each([
    ["preset: wide", "kind: vit", 3, "backbone.kind: this key is called name"],
    [
      "  methods:",
      "  labelSmoothing: 0.1\n  methods:",
      9,
      "adaptation.labelSmoothing: this key belongs to the task: write task: { name: quadrant, smoothing: ... }",
    ],
    ["rank: 4", "warmupFraction: 0.2", 12, "adaptation.methods[1].warmupFraction: this key belongs to the schedule"],
    ["task: {", "labelEfficiency: { counts: [4] }\ntask: {", 7, "labelEfficiency: this key is one of the studies"],
    [
      "task: {",
      "evaluation: { positiveClass: a, floor: 2 }\ntask: {",
      7,
      "evaluation.floor: this key is a list: write floors",
    ],
  ])("with %s as %s it says where an earlier key went", async (from, to, line, message) => {
    const error = await failureOf(() => parse(text.replace(from, to)));
    expect(error.what).toContain(`line ${line}, ${message}`);
  });

  it("names the first line in `where`, and every problem", async () => {
    const broken = text.replace("maskRatio", "maskRation").replace("rank: 4", "rnk: 4");
    const error = await failureOf(() => parse(broken, { where: "recipe.yaml" }));
    expect(error.where).toBe("recipe.yaml:6");
    expect(error.what).toContain("line 12");
  });

  it("names the line of text that is no YAML", async () => {
    const error = await failureOf(() => parse("name: a\ndata: { task: b", { where: "r.yaml" }));
    expect(error).toMatchObject({ code: "bad-configuration" });
    expect(error.where).toMatch(/^r\.yaml:\d+$/);
  });

  it("refuses text that is no mapping", async () => {
    for (const other of ["", "- a", "3"]) expect((await failureOf(() => parse(other))).code).toBe("bad-configuration");
  });

  it.each([
    ["data: *none", /recipe:2.*/, /line 2, data: the alias \*none is of an anchor that is not there/],
    ["data: &a { task: *a }", /recipe:2/, /line 2, data\.task: the alias \*a stands in what it names/],
    [
      lines("a: &a [x, x, x, x, x, x, x, x, x, x]", ...bomb(8)),
      /recipe:\d+/,
      /line \d+, b4\[0\]: the alias \*b3 unfolds to more than 100000 values/,
    ],
    ["data: { task: points, task: others }", /recipe:2/, /line 2, data\.task: the key occurs twice/],
    [`data: ${"[".repeat(50_000)}`, /recipe/, /nests deeper than any recipe/],
    [`data: ${"x".repeat(2 ** 18)}`, /recipe/, /more than 262144 characters/],
    [
      "backbone: { weights: /etc }",
      /recipe:2/,
      /line 2, backbone\.weights: a recipe's file names nothing outside .* --set backbone\.weights=PATH/,
    ],
    [
      "adaptation: { methods: [{ name: prompting, columns: [a], model: { name: gguf, file: /x.gguf } }] }",
      /recipe:/,
      /methods\[0\]\.model\.file: a recipe's file names nothing outside .* --set adaptation\.methods\[0\]\.model\.file=PATH/,
    ],
    ["backbone: { weights: runs/../../x }", /recipe:2/, /backbone\.weights: a recipe's file names nothing outside/],
  ])("refuses %.40s with its place", async (yaml, where, what) => {
    const error = await failureOf(() => parse(`name: probe\n${yaml}\n`));
    expect(error).toBeInstanceOf(VesaliusError);
    expect(error).toMatchObject({ code: "bad-configuration" });
    expect(error.where).toMatch(where);
    expect(error.what).toMatch(what);
  });

  it("says the first of 15,000 problems, how many there are, and within a second", async () => {
    const keys = Array.from({ length: 15_000 }, (_, i) => `k${i}: 1`);
    const start = performance.now();
    const error = await failureOf(() => parse(lines(text, ...keys)));
    expect(performance.now() - start).toBeLessThan(5000);
    expect(error.what.split("\n")).toHaveLength(21);
    expect(error.what).toMatch(/line 13, k0: unknown key.*\n[^]*and 14980 more$/);
  });

  it("takes a seed in place of the recipe's, and every seed that follows from it", () => {
    expect(parse(text, { seed: 9 })).toMatchObject({ seed: 9, adaptation: { seeds: [9] } });
    const listed = text.replace("adaptation:", "adaptation:\n  seeds: [1, 2]");
    expect(parse(listed, { seed: 9 })).toMatchObject({ seed: 9, adaptation: { seeds: [1, 2] } });
  });

  it("takes settings in place of the recipe's", () => {
    const set = ["adaptation.methods[1].rank=2", "pretraining.schedule={ name: constant }", "evaluation.resamples=7"];
    const recipe = parse(text, { set: set.map((one) => parseSetting(one, "--set")) });
    expect(recipe.adaptation?.methods[1]).toMatchObject({ name: "adapter", rank: 2 });
    expect(recipe.pretraining?.schedule).toEqual({ name: "constant" });
    expect(recipe.evaluation.resamples).toBe(7);
  });

  it("takes a setting of epochs in place of steps, and of steps in place of epochs", () => {
    const steps = parse(text, { set: [parseSetting("adaptation.steps=30", "--set")] });
    expect(steps.adaptation?.methods[0]).toMatchObject({ steps: 30 });
    const set = ["adaptation.steps=30", "adaptation.epochs=3"].map((one) => parseSetting(one, "--set"));
    const epochs = parse(text, { set });
    expect(epochs.adaptation?.methods[0]).toMatchObject({ epochs: 3 });
    expect(epochs.adaptation?.methods[0]).not.toHaveProperty("steps");
  });

  it("blames the setting for what it brought, not a line", async () => {
    const set = [parseSetting("adaptation.methods[1].rank=many", "--set")];
    const error = await failureOf(() => parse(text, { set }));
    expect(error.what).toContain("--set adaptation.methods[1].rank=many, adaptation.methods[1].rank: expected number");
  });

  it("reads back what it wrote", () => {
    const resolved = parse(text);
    expect(parse(formatRecipe(resolved))).toEqual(resolved);
    expect(parseYaml(formatRecipe(resolved))).toEqual(resolved);
  });
});

describe("defineRecipe", () => {
  const define = (recipe: RecipeInput) => defineRecipe(recipe, { catalogues: toys });

  it("gives the same as the YAML of the same recipe", () => {
    expect(define(toyRecipe)).toEqual(parse(stringify(toyRecipe)));
  });

  it("changes nothing about a resolved recipe", () => {
    const recipes: fc.Arbitrary<RecipeInput> = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
      seed: fc.nat(1000),
      data: fc.record({ task: fc.constantFrom("a", "b c", { generator: "clouds", count: 3 }) }),
      backbone: fc.record({
        name: fc.constant("perceptron"),
        preset: fc.constantFrom("nano", "wide"),
        activation: fc.constantFrom("gelu", "relu"),
        inputs: fc.constantFrom({ record: "age" }, { record: ["age", "weight"] }),
      }),
      pretraining: fc.record({
        objective: fc.record({
          name: fc.constant("reconstruction"),
          maskRatio: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        }),
        epochs: fc.integer({ min: 1, max: 9 }),
      }),
      task: fc.constantFrom(
        { name: "quadrant", smoothing: 0.1 },
        { name: "quadrant", inference: { name: "window", overlap: 0.25 } },
      ),
      adaptation: fc.record({
        epochs: fc.integer({ min: 1, max: 9 }),
        methods: fc.constantFrom(
          [{ name: "scratch", transforms: [{ name: "jitter" }] }],
          [
            { name: "adapter", rank: 3 },
            { name: "adapter", label: "adapter-wide", rank: 9, optimizer: { name: "lion" } },
          ],
        ),
      }),
    });
    fc.assert(
      fc.property(recipes, (recipe) => {
        const resolved = define(recipe);
        expect(define(resolved)).toEqual(resolved);
        expect(parse(formatRecipe(resolved))).toEqual(resolved);
      }),
    );
  });

  it("names the key, without a line", async () => {
    const error = await failureOf(() => define({ ...toyRecipe, evaluation: { splitt: "test" } } as RecipeInput));
    expect(error.what).toContain("evaluation.splitt: unknown key; did you mean split?");
    expect(error.what).not.toContain("line");
  });
});
