import { describe, expect, it } from "vitest";
import { datasetCardSchema } from "../data/index.ts";
import { baselineOfCard } from "./baseline.ts";
import { classificationEvaluation } from "./classification/classification.ts";
import { entitiesEvaluation } from "./entities/entities.ts";
import { rankingEvaluation } from "./ranking/ranking.ts";
import { regionsEvaluation } from "./regions/regions.ts";

const { metrics } = classificationEvaluation({ classes: ["clear", "opacity"] });
const cardOf = (
  ...rows: readonly (readonly [model: string, metric: string, value: string | number, verified?: boolean])[]
) =>
  datasetCardSchema.parse({
    name: "films",
    baselines: rows.map(([model, metric, value, verified = true]) => ({
      model,
      metric,
      value,
      source: "here",
      verified,
    })),
  });
const card = cardOf(
  ["ResNet-18", "AUC / accuracy, official test", "0.944 / 0.854", false],
  ["leaderboard", "accuracy, official test", 94.6],
  ["logistic regression", "AUC / accuracy", "0.9910 / 0.9561"],
  ["mean grey", "AUC", 0.61],
  ["majority", "accuracy", 0.7424],
  ["retrieval", "mAP@10 / P@1", "0.94 / 0.97"],
);

describe("baselineOfCard", () => {
  it("takes the strongest verified baseline of the metric and split", () => {
    expect(baselineOfCard(card, "rocAuc", metrics["rocAuc"]!, "validation")).toEqual({
      metric: "rocAuc",
      value: 0.991,
      name: "logistic regression",
      source: "here",
    });
    expect(baselineOfCard(card, "accuracy", metrics["accuracy"]!, "validation")).toMatchObject({ value: 0.9561 });
  });

  it("reads percentages of shares, and values of the test split only for the test split", () => {
    const { accuracy, rocAuc } = metrics;
    expect(baselineOfCard(card, "accuracy", accuracy!, "test")).toMatchObject({ value: 0.946, name: "leaderboard" });
    expect(baselineOfCard(card, "rocAuc", rocAuc!, "test")).toBeUndefined();
  });

  it("takes no distance for a percentage, and the lowest where low is good", () => {
    const distances = cardOf(["atlas", "Dice / HD95", "0.72 / 2.4773"], ["pixels", "HD95", 2.201]);
    const regions = regionsEvaluation({ classes: ["background", "head"] });
    expect(baselineOfCard(distances, "hausdorff95", regions.metrics["hausdorff95"]!, "val")).toMatchObject({
      value: 2.201,
      name: "pixels",
    });
  });

  it("knows metrics by the names that cards use", () => {
    const entities = entitiesEvaluation({ types: ["DISEASE"] });
    const ner = cardOf(["tokens", "entity P / R / F1 (exact)", "0.6663 / 0.7255 / 0.6946"]);
    expect(baselineOfCard(ner, "f1", entities.metrics["f1"]!, "val")?.value).toBe(0.6946);
    const ranking = rankingEvaluation();
    const bm25 = cardOf(["BM25", "MRR / nDCG@10 / P@1", "0.5246 / 0.5907 / 0.3392"]);
    expect(baselineOfCard(bm25, "x", ranking.metrics["normalizedDiscountedGain"]!, "val")?.value).toBe(0.5907);
    expect(baselineOfCard(bm25, "x", ranking.metrics["precisionAt1"]!, "val")?.value).toBe(0.3392);
  });

  it("finds none for a metric that the card does not name or whose value is no number", () => {
    expect(baselineOfCard(card, "f1", metrics["f1"]!, "validation")).toBeUndefined();
    const words = cardOf(["a", "AUC", "about 0.9"], ["b", "AUC / accuracy", "0.9"]);
    expect(baselineOfCard(words, "accuracy", metrics["accuracy"]!, "validation")).toBeUndefined();
    expect(baselineOfCard(words, "rocAuc", metrics["rocAuc"]!, "validation")).toMatchObject({ value: 0.9, name: "b" });
  });
});
