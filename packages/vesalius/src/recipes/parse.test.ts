import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml, stringify } from "yaml";
import { defineRecipe, formatRecipe, parseRecipe } from "./parse.ts";
import { failureOf, tinyRecipe } from "./recipe.test.helper.ts";
import type { RecipeInput } from "./schema.ts";

const lines = (...text: string[]): string => text.join("\n");
const text = lines(
  "name: probe",
  "data: { task: pneumoniamnist }",
  "pretraining:",
  "  epochs: 3",
  "  objective: { name: maskedImageModelling, maskRatio: 0.6 }",
  "adaptation:",
  "  methods:",
  "    - { name: linearProbe }",
  "    - name: lora",
  "      rank: 4",
);

describe("parseRecipe", () => {
  it("reads a recipe and fills in the defaults", () => {
    const recipe = parseRecipe(text);
    expect(recipe).toMatchObject({
      name: "probe",
      title: "probe",
      seed: 0,
      data: { task: "pneumoniamnist", pretraining: ["pneumoniamnist"] },
      backbone: { kind: "vit", width: 128, depth: 4, pooling: "mean" },
      pretraining: { epochs: 3, batchSize: 64, objective: { maskRatio: 0.6, normalizePixels: true } },
      adaptation: { seeds: [0] },
      evaluation: { split: "validation", metric: "rocAuc", resamples: 1000 },
    });
    expect(recipe.adaptation?.methods[1]).toMatchObject({
      label: "lora",
      rank: 4,
      learningRate: 0.002,
      transforms: [],
    });
  });

  it.each([
    ["maskRatio", "maskRation", 5, "pretraining.objective.maskRation: unknown key; did you mean maskRatio?"],
    ["epochs: 3", "epoch: 3", 4, "pretraining.epoch: unknown key; did you mean epochs?"],
    ["rank: 4", "rnk: 4", 10, "adaptation.methods[1].rnk: unknown key; did you mean rank?"],
    [
      "name: linearProbe",
      "name: linearProb",
      8,
      'adaptation.methods[0].name: "linearProb" is not known; did you mean linearProbe?',
    ],
    ["name: maskedImageModelling", "name: contrast", 5, "choose one of maskedImageModelling"],
    ["rank: 4", "rank: four", 10, "adaptation.methods[1].rank: expected number"],
    ["epochs: 3", "epochs: 0", 4, "pretraining.epochs:"],
    [
      "task: pneumoniamnist",
      "task: { generator: synthetic-radiograph }",
      2,
      '"synthetic-radiograph" is not known; did you mean synthetic-radiographs?',
    ],
    [
      "task: pneumoniamnist",
      "task: { dataset: x, leakge: error }",
      2,
      "data.task.leakge: unknown key; did you mean leakage?",
    ],
    ["task: pneumoniamnist", "task: 3", 2, "expected string or object"],
    ["name: probe", "nam: probe", 1, "nam: unknown key; did you mean name?"],
    ["name: lora", "name: lora\n      transforms: [{ name: randomFlop }]", 10, "did you mean randomFlip?"],
  ])("with %s as %s it names line %i and the key", async (from, to, line, message) => {
    const error = await failureOf(() => parseRecipe(text.replace(from, to), "recipe.yaml"));
    expect(error.code).toBe("bad-configuration");
    expect(error.what).toContain(message);
    expect(error.what).toContain(`line ${line}`);
  });

  it("names the first line in `where`, and every problem", async () => {
    const broken = text.replace("maskRatio", "maskRation").replace("rank: 4", "rnk: 4");
    const error = await failureOf(() => parseRecipe(broken, "recipe.yaml"));
    expect(error.where).toBe("recipe.yaml:5");
    expect(error.what).toContain("line 10");
  });

  it("names the line of text that is no YAML", async () => {
    const error = await failureOf(() => parseRecipe("name: a\ndata: { task: b", "r.yaml"));
    expect(error).toMatchObject({ code: "bad-configuration" });
    expect(error.where).toMatch(/^r\.yaml:\d+$/);
  });

  it("refuses text that is no mapping", async () => {
    for (const other of ["", "- a", "3"])
      expect((await failureOf(() => parseRecipe(other))).code).toBe("bad-configuration");
  });

  it("takes a seed in place of the recipe's, and every seed that follows from it", () => {
    expect(parseRecipe(text, "recipe", { seed: 9 })).toMatchObject({ seed: 9, adaptation: { seeds: [9] } });
    expect(parseRecipe(`${text}\n  seeds: [1, 2]`, "recipe", { seed: 9 })).toMatchObject({
      seed: 9,
      adaptation: { seeds: [1, 2] },
    });
  });

  it("reads back what it wrote", () => {
    const resolved = parseRecipe(text);
    expect(parseRecipe(formatRecipe(resolved))).toEqual(resolved);
    expect(parseYaml(formatRecipe(resolved))).toEqual(resolved);
  });
});

describe("defineRecipe", () => {
  it("gives the same as the YAML of the same recipe", () => {
    expect(defineRecipe(tinyRecipe)).toEqual(parseRecipe(stringify(tinyRecipe)));
  });

  it("changes nothing about a resolved recipe", () => {
    const recipes: fc.Arbitrary<RecipeInput> = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
      seed: fc.nat(1000),
      data: fc.record({ task: fc.constantFrom("a", "b c", "pneumoniamnist") }),
      backbone: fc.record({
        preset: fc.constantFrom("micro", "tiny"),
        imageSize: fc.constantFrom(16, 32),
        patchSize: fc.constantFrom(2, 8),
      }),
      pretraining: fc.record({ epochs: fc.integer({ min: 1, max: 9 }) }),
      adaptation: fc.record({
        epochs: fc.integer({ min: 1, max: 9 }),
        methods: fc.constantFrom(
          [{ name: "scratch" as const }],
          [
            { name: "lora" as const, rank: 3 },
            { name: "lora" as const, label: "lora-wide", rank: 9 },
          ],
          [{ name: "fullFineTuning" as const, layerDecay: 0.5, epochs: 20 }],
        ),
      }),
    });
    fc.assert(
      fc.property(recipes, (recipe) => {
        const resolved = defineRecipe(recipe);
        expect(defineRecipe(resolved)).toEqual(resolved);
      }),
    );
  });

  it("names the key, without a line", async () => {
    const error = await failureOf(() => defineRecipe({ ...tinyRecipe, evaluation: { splitt: "test" } } as RecipeInput));
    expect(error.what).toContain("evaluation.splitt: unknown key; did you mean split?");
    expect(error.what).not.toContain("line");
  });
});
