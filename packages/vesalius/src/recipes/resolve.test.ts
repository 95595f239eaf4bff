import { describe, expect, it } from "vitest";
import { defineRecipe } from "./parse.ts";
import { failureOf } from "./recipe.test.helper.ts";
import type { RecipeInput } from "./schema.ts";
import { toyRecipe, toys } from "./toys.test.helper.ts";

const { pretraining, adaptation, ...rest } = toyRecipe;
const define = (recipe: RecipeInput) => defineRecipe(recipe, { catalogues: toys });

describe("resolveRecipe", () => {
  it("lets a method override what all share, and what all share override its defaults", () => {
    const { methods } = define({
      ...toyRecipe,
      adaptation: {
        learningRate: 0.5,
        epochs: 7,
        together: [{ name: "flip" }],
        methods: [
          { name: "scratch", epochs: 5, together: [] },
          { name: "adapter", optimizer: { name: "sgd", momentum: 0.9 } },
        ],
      },
    }).adaptation!;
    expect(methods[0]).toMatchObject({ epochs: 5, learningRate: 0.5, weightDecay: 0, together: [] });
    expect(methods[1]).toMatchObject({ epochs: 7, learningRate: 0.5, together: [{ name: "flip" }] });
    expect(methods[1]!.optimizer).toEqual({ name: "sgd", momentum: 0.9 });
  });

  it("says of frozen features that their inputs are not changed", () => {
    const { methods } = define({
      ...toyRecipe,
      adaptation: { transforms: [{ name: "jitter" }], methods: [{ name: "probe" }, { name: "adapter" }] },
    }).adaptation!;
    expect(methods[0]!.transforms).toEqual([]);
    expect(methods[1]!.transforms).toEqual([{ name: "jitter", amount: 0.1 }]);
  });

  it("takes the settings of a network from its preset, and single keys over it", () => {
    const { backbone } = define({ ...toyRecipe, backbone: { name: "perceptron", preset: "wide", depth: 4 } });
    expect(backbone).toEqual({ name: "perceptron", width: 32, depth: 4, activation: "gelu" });
  });

  it("writes columns of a role as a list", () => {
    const { backbone } = define({ ...toyRecipe, backbone: { name: "perceptron", inputs: { record: "age" } } });
    expect(backbone.inputs).toEqual({ record: ["age"] });
  });

  it("gives a method its own network in place of the recipe's", () => {
    const own = { name: "perceptron", preset: "wide", inputs: { record: "age" } } as const;
    const { methods } = define({
      ...toyRecipe,
      adaptation: {
        methods: [
          { name: "scratch", backbone: own },
          { name: "adapter", backbone: { weights: "other" } },
        ],
      },
    }).adaptation!;
    expect(methods.map(({ backbone }) => backbone)).toEqual([
      { name: "perceptron", width: 32, depth: 2, activation: "gelu", inputs: { record: ["age"] } },
      { weights: "other" },
    ]);
  });

  it("leaves the network to the folder of a pretrained backbone", () => {
    const { backbone } = define({ ...rest, adaptation, backbone: { weights: "run/pretraining" } });
    expect(backbone).toEqual({ weights: "run/pretraining" });
  });

  it("reads what is pretrained on from the task where nothing else is named", () => {
    expect(define(toyRecipe).data.pretraining).toEqual([define(toyRecipe).data.task]);
    const { data } = define({
      ...toyRecipe,
      data: { ...toyRecipe.data, pretraining: ["a", { dataset: "b", trainingSplit: "all" }] },
    });
    expect(data.pretraining).toMatchObject([
      { dataset: "a", trainingSplit: "train" },
      { dataset: "b", trainingSplit: "all" },
    ]);
  });

  const twice: RecipeInput = {
    ...toyRecipe,
    adaptation: { methods: [{ name: "adapter" }, { name: "adapter", rank: 2 }] },
  };
  it.each<[string, RecipeInput, string]>([
    [
      "a method that needs pretraining without it",
      { ...rest, adaptation: { methods: [{ name: "adapter" }] } },
      "adaptation.methods[0]: adapter needs a pretrained backbone",
    ],
    [
      "a method that needs pretraining with a network of its own",
      { ...toyRecipe, adaptation: { methods: [{ name: "adapter", backbone: { name: "perceptron" } }] } },
      "adaptation.methods[0]: adapter needs a pretrained backbone, and its own is not",
    ],
    [
      "a network of a method that cannot be",
      { ...toyRecipe, adaptation: { methods: [{ name: "scratch", backbone: { name: "perceptron", depth: 3 } }] } },
      "adaptation.methods[0].backbone: depth does not divide width",
    ],
    ["two methods of one name", twice, "adaptation.methods[1]: two methods are called adapter"],
    ["nothing to do", rest, "there is nothing to do"],
    ["adaptation without data", { ...toyRecipe, data: { pretraining: "x" } }, "data.task: adaptation needs data"],
    ["pretraining without data", { ...rest, data: {}, pretraining }, "data.pretraining: pretraining needs data"],
    [
      "pretraining for each seed without adaptation",
      { ...rest, pretraining: { ...pretraining, eachSeed: true } },
      "pretraining.eachSeed: there is no adaptation",
    ],
    [
      "seeds that repeat",
      { ...toyRecipe, adaptation: { ...adaptation, seeds: [1, 1] } },
      "adaptation.seeds: every seed may occur once",
    ],
  ])("refuses %s", async (_, recipe, message) => {
    const error = await failureOf(() => define(recipe));
    expect(error.code).toBe("bad-configuration");
    expect(error.what).toContain(message);
  });
});
