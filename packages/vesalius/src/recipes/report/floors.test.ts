import { describe, expect, it } from "vitest";
import { datasetCardSchema } from "../../data/index.ts";
import type { Metric } from "../../evaluation/evaluation.ts";
import { floorOfCard, floorsOf } from "./floors.ts";

const metric = (aliases: string[], better: Metric["better"] = "higher", greatest = 1): Metric => ({
  label: aliases[0] ?? "",
  better,
  range: [0, greatest],
  aliases,
  meaning: "",
});
const metrics = {
  rocAuc: metric(["auc", "roc auc"]),
  accuracy: metric(["accuracy"]),
  f1: metric(["f1 (exact)", "f1"]),
  brierScore: metric(["brier score"], "lower"),
  hd95: metric(["hd95"], "lower", Infinity),
};
const baseline = (model: string, name: string, value: string | number, verified = true) => ({
  model,
  metric: name,
  value,
  source: "here",
  verified,
});
const cardOf = (...baselines: ReturnType<typeof baseline>[]) => datasetCardSchema.parse({ name: "films", baselines });
const card = cardOf(
  baseline("ResNet-18", "AUC / accuracy, official test", "0.944 / 0.854", false),
  baseline("leaderboard", "accuracy, official test", 94.6),
  baseline("logistic regression", "AUC / accuracy", "0.9910 / 0.9561"),
  baseline("mean grey", "AUC", 0.61),
  baseline("majority", "accuracy", 0.7424),
  baseline("retrieval", "mAP@10 / P@1", "0.94 / 0.97"),
  baseline("tagger", "entity P / R / F1 (exact)", "0.6 / 0.5 / 0.55"),
  baseline("atlas", "Dice; HD95 (any)", "0.73; 2.4773"),
);
const find = (of: typeof card, name: keyof typeof metrics, split = "validation") =>
  floorOfCard(of, name, metrics[name], split);

describe("floorOfCard", () => {
  it("takes the strongest verified baseline of the metric and split", () => {
    expect(find(card, "rocAuc")).toEqual({
      metric: "rocAuc",
      value: 0.991,
      name: "logistic regression",
      source: "here",
    });
    expect(find(card, "accuracy")).toMatchObject({ value: 0.9561 });
    expect(find(card, "f1")).toMatchObject({ value: 0.55, name: "tagger" });
  });

  it("reads percentages, and values of the test split only for the test split", () => {
    expect(find(card, "accuracy", "test")).toMatchObject({ value: 0.946, name: "leaderboard" });
    expect(find(card, "rocAuc", "test")).toBeUndefined();
  });

  it("takes a value above 1 as it is where the metric goes beyond 1", () => {
    expect(find(card, "hd95")).toMatchObject({ value: 2.4773, name: "atlas" });
  });

  it("finds none for a metric that the card does not name or whose value is no number", () => {
    expect(find(card, "brierScore")).toBeUndefined();
    const words = cardOf(
      baseline("a", "AUC", "about 0.9"),
      baseline("b", "AUC", "0.8"),
      baseline("c", "AUC / F1", "0.9"),
    );
    expect(find(words, "rocAuc")).toMatchObject({ value: 0.8, name: "b" });
    expect(find(words, "f1")).toBeUndefined();
  });

  it("takes the lowest where low is good", () => {
    const brier = cardOf(baseline("a", "Brier score", 0.2), baseline("b", "Brier score", 0.1));
    expect(find(brier, "brierScore")).toMatchObject({ name: "b" });
  });
});

describe("floorsOf", () => {
  it("prefers what the recipe states, and adds what the card says of other metrics", () => {
    const stated = { metric: "rocAuc", value: 0.7, name: "by hand", source: undefined };
    const floors = floorsOf([stated], metrics, card, "validation");
    expect(floors[0]).toEqual({ metric: "rocAuc", value: 0.7, name: "by hand" });
    expect(floors.map(({ metric: name }) => name)).toEqual(["rocAuc", "accuracy", "f1", "hd95"]);
    expect(floorsOf([], metrics, cardOf(), "validation")).toEqual([]);
  });
});
