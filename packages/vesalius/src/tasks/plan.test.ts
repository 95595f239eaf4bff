import { describe, expect, it } from "vitest";
import type { Feeds } from "../data/index.ts";
import { patterns } from "../testing/patterns.ts";
import { predictionPlan, trainingPlan } from "./plan.ts";

const split = patterns("plan", 12);
const pixels = { name: "pixels", channels: 1, height: 16, width: 16 };
const feeds: Feeds = {
  parts: {
    image: { columns: ["image"], encoder: pixels, transforms: [{ name: "randomFlip" }] },
    target: { columns: ["label"], encoder: { name: "classes" }, target: true },
  },
  together: [{ name: "randomRotation" }],
  sampler: { name: "weighted" },
};

describe("a plan of prediction", () => {
  it("feeds nothing that is to be predicted, changes nothing at random, and takes examples once and in order", () => {
    const plan = predictionPlan(feeds, 5);
    expect(plan.parts).toEqual({ image: { columns: ["image"], encoder: pixels } });
    expect(plan).toMatchObject({ sampler: { name: "onePass" }, rows: 5 });
    expect(plan.together).toBeUndefined();
  });
});

describe("a plan of training", () => {
  it("is what the feeds say, in batches of no more rows than there are examples", () => {
    expect(trainingPlan(feeds, split, { batchSize: 64, seed: 3 })).toEqual({
      ...feeds,
      rows: 12,
      extents: {},
      seed: 3,
    });
  });

  it("takes the caller's changes where they fit what a part reads, and leaves targets as they are", () => {
    const transforms = [{ name: "randomGaussianNoise" }];
    const plan = trainingPlan(feeds, split, {
      batchSize: 4,
      seed: 3,
      transforms,
      together: [],
      sampler: { name: "inOrder" },
    });
    expect(plan.parts).toEqual({ image: { ...feeds.parts["image"], transforms }, target: feeds.parts["target"] });
    expect(plan).toMatchObject({ together: [], sampler: { name: "inOrder" }, rows: 4 });
  });
});
