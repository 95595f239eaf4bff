import { describe, expect, it } from "vitest";
import { datasetCardSchema } from "../../data/index.ts";
import { defineRecipe } from "../parse.ts";
import { tinyRecipe } from "../recipe.test.helper.ts";
import { floorOf, floorOfCard } from "./floor.ts";

const baseline = (model: string, metric: string, value: string | number, verified = true) => ({
  model,
  metric,
  value,
  source: "here",
  verified,
});
const card = datasetCardSchema.parse({
  name: "films",
  baselines: [
    baseline("ResNet-18", "AUC / accuracy, official test", "0.944 / 0.854", false),
    baseline("leaderboard", "accuracy, official test", 94.6),
    baseline("logistic regression", "AUC / accuracy", "0.9910 / 0.9561"),
    baseline("mean grey", "AUC", 0.61),
    baseline("majority", "accuracy", 0.7424),
    baseline("retrieval", "mAP@10 / P@1", "0.94 / 0.97"),
  ],
});

describe("floorOfCard", () => {
  it("takes the strongest verified baseline of the metric and split", () => {
    expect(floorOfCard(card, "rocAuc", "validation")).toEqual({
      metric: "rocAuc",
      value: 0.991,
      name: "logistic regression",
      source: "here",
    });
    expect(floorOfCard(card, "accuracy", "validation")).toMatchObject({ value: 0.9561 });
  });

  it("reads percentages, and figures of the test split only for the test split", () => {
    expect(floorOfCard(card, "accuracy", "test")).toMatchObject({ value: 0.946, name: "leaderboard" });
    expect(floorOfCard(card, "rocAuc", "test")).toBeUndefined();
  });

  it("finds none for a metric that the card does not name or whose value is no number", () => {
    expect(floorOfCard(card, "f1", "validation")).toBeUndefined();
    const words = datasetCardSchema.parse({
      name: "x",
      baselines: [baseline("a", "AUC", "about 0.9"), baseline("b", "AUC / accuracy", "0.9")],
    });
    expect(floorOfCard(words, "accuracy", "validation")).toBeUndefined();
    expect(floorOfCard(words, "rocAuc", "validation")).toMatchObject({ value: 0.9, name: "b" });
  });

  it("takes the lowest where low is good", () => {
    const brier = datasetCardSchema.parse({
      name: "x",
      baselines: [baseline("a", "Brier score", 0.2), baseline("b", "Brier score", 0.1)],
    });
    expect(floorOfCard(brier, "brierScore", "validation")).toMatchObject({ name: "b" });
  });
});

describe("floorOf", () => {
  it("prefers what the recipe states", () => {
    const floor = { metric: "rocAuc" as const, value: 0.7, name: "by hand" };
    expect(floorOf(defineRecipe({ ...tinyRecipe, evaluation: { floor } }), card)).toEqual(floor);
    expect(floorOf(defineRecipe(tinyRecipe), card)).toMatchObject({ name: "logistic regression" });
    expect(floorOf(defineRecipe(tinyRecipe), undefined)).toBeUndefined();
  });
});
