import { describe, expect, it } from "vitest";
import { defineRecipe } from "./parse.ts";
import { failureOf, tinyRecipe } from "./recipe.test.helper.ts";
import type { RecipeInput } from "./schema.ts";

const { pretraining: _pretraining, adaptation, ...rest } = tinyRecipe;

describe("resolveRecipe", () => {
  it("lets a method override what all share, and what all share override its defaults", () => {
    const { methods } = defineRecipe({
      ...tinyRecipe,
      adaptation: { learningRate: 0.5, epochs: 7, methods: [{ name: "scratch", epochs: 3 }, { name: "lora" }] },
    }).adaptation!;
    expect(methods[0]).toMatchObject({ epochs: 3, learningRate: 0.5, weightDecay: 0.05 });
    expect(methods[1]).toMatchObject({ epochs: 7, learningRate: 0.5, weightDecay: 0 });
  });

  it("says of frozen features that their images are not changed", () => {
    const { methods } = defineRecipe({
      ...tinyRecipe,
      adaptation: { transforms: [{ name: "randomFlip" }], methods: [{ name: "linearProbe" }, { name: "lora" }] },
    }).adaptation!;
    expect(methods[0]!.transforms).toEqual([]);
    expect(methods[1]!.transforms).toEqual([{ name: "randomFlip", axis: "horizontal", probability: 0.5 }]);
  });

  it("fills in the settings of every adapter, and resolving them again changes nothing", () => {
    const recipe = defineRecipe({
      ...tinyRecipe,
      adaptation: {
        methods: [
          { name: "lora", dora: true },
          { name: "bottleneckAdapter", placement: "parallel" },
          { name: "ia3" },
          { name: "prefixTuning", virtualTokens: 4 },
          { name: "visualPrompts", deep: true },
        ],
      },
    });
    const { methods } = recipe.adaptation!;
    expect(methods[0]).toMatchObject({ dora: true, rankStabilized: false, rank: 8, learningRate: 2e-3 });
    expect(methods[1]).toMatchObject({ placement: "parallel", reductionFactor: 16, learningRate: 1e-3 });
    expect(methods[2]).toMatchObject({ targets: ["qkv", "fc2"], feedForward: ["fc2"], learningRate: 5e-3 });
    expect(methods[3]).toMatchObject({ virtualTokens: 4, learningRate: 1e-2 });
    expect(methods[4]).toMatchObject({ tokens: 10, deep: true });
    expect(defineRecipe(recipe)).toEqual(recipe);
  });

  it("takes the shape of a backbone from its preset, and single keys over it", () => {
    const { backbone } = defineRecipe({
      ...tinyRecipe,
      backbone: { preset: "tiny", imageSize: 32, patchSize: 8, depth: 2 },
    });
    expect(backbone).toMatchObject({ width: 192, heads: 3, depth: 2, imageSize: 32, channels: 1 });
    expect(backbone.preset).toBeUndefined();
  });

  it("leaves the shape to the folder of a pretrained backbone", () => {
    const { backbone } = defineRecipe({ ...rest, adaptation, backbone: { weights: "run/pretraining" } });
    expect(backbone).toEqual({ kind: "vit", weights: "run/pretraining" });
  });

  it("compares all methods by their labels where none are named", () => {
    const { labelEfficiency } = defineRecipe({ ...tinyRecipe, labelEfficiency: { counts: [4, "all"] } });
    expect(labelEfficiency).toEqual({ counts: [4, "all"], methods: ["scratch", "lora"], seeds: [3], steps: 300 });
  });

  const twice: RecipeInput = { ...tinyRecipe, adaptation: { methods: [{ name: "lora" }, { name: "lora", rank: 2 }] } };
  it.each<[string, RecipeInput, string]>([
    [
      "a method that needs pretraining without it",
      { ...rest, adaptation: { methods: [{ name: "lora" }] } },
      "adaptation.methods[0]",
    ],
    ["two methods of one name", twice, "adaptation.methods[1]"],
    ["nothing to do", rest, "top level"],
    ["adaptation without data", { ...tinyRecipe, data: { pretraining: "x" } }, "data.task"],
    ["pretraining without data", { name: "x", data: {}, pretraining: {} }, "data.pretraining"],
    [
      "pretraining for each seed without adaptation",
      { ...rest, pretraining: { eachSeed: true } },
      "pretraining.eachSeed",
    ],
    [
      "label efficiency without adaptation",
      { ...rest, pretraining: {}, labelEfficiency: { counts: [4] } },
      "labelEfficiency",
    ],
    [
      "label efficiency of a method that does not exist",
      { ...tinyRecipe, labelEfficiency: { counts: [4], methods: ["scratch", "probe"] } },
      "labelEfficiency.methods[1]",
    ],
  ])("refuses %s", async (_, recipe, where) => {
    expect(await failureOf(() => defineRecipe(recipe))).toMatchObject({ code: "bad-configuration", where });
  });

  it("refuses a patch that does not divide the image", async () => {
    const error = await failureOf(() => defineRecipe({ ...tinyRecipe, backbone: { imageSize: 28, patchSize: 5 } }));
    expect(error.what).toContain("does not divide");
  });
});
