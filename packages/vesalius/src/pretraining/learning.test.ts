/** Whether pretraining learns something that holds for images it never saw and that is worth labels, in seconds. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type AdaptationMethod, fullFineTuning, linearProbe, scratch } from "../adaptation/index.ts";
import type { Backbone } from "../models/index.ts";
import { chance, objective, pretrained, scoresAfter, unseen, vision } from "../testing/learning.ts";
import { heldOut } from "./held-out.test.helper.ts";
import type { Pretrained } from "./index.ts";

// Machines that run tests are busy; alone this takes ten seconds.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Loss of an answer that is the same everywhere: the pixels of a patch have mean 0 and (unbiased) variance 1. */
const withoutLooking = 15 / 16;

describe("masked image modelling of patterns", () => {
  let backbone: Pretrained;
  beforeAll(async () => {
    backbone = await pretrained({ epochs: 40 });
  });

  test("lowers its loss on images that it never saw, below that of answering without looking", async () => {
    const { before, after } = await heldOut(backbone, objective, unseen, { transforms: [] });
    expect(after["loss"]).toBeLessThan(before["loss"]! - 0.2);
    expect(after["loss"]).toBeLessThan(0.98 * withoutLooking);
  });

  test("does not collapse: the features hold the classes, which it was not told", async () => {
    expect((await scoresAfter(backbone, linearProbe())).accuracy).toBeGreaterThan(chance + 0.4);
  });

  test("is worth labels: with sixteen of them, fine-tuning beats training from scratch", async () => {
    const mean = async (from: Backbone, method: AdaptationMethod): Promise<number> => {
      const settings = { examples: 16, learningRate: 3e-3 };
      const first = await scoresAfter(from, method, { ...settings, seed: 1 });
      const second = await scoresAfter(from, method, { ...settings, seed: 2 });
      return (first.accuracy + second.accuracy) / 2;
    };
    const [tuned, fresh] = [await mean(backbone, fullFineTuning()), await mean(vision, scratch())];
    expect(tuned).toBeGreaterThan(fresh + 0.05);
  });
});

test("pretraining goes on from the weights that a backbone has", async () => {
  const backbone = await pretrained({ steps: 4 });
  const { weights } = await pretrained({ steps: 1, learningRate: 1e-9 }, backbone);
  expect([...weights.keys()]).toEqual([...backbone.weights.keys()]);
  for (const [name, { data }] of weights)
    data.forEach((value, i) => expect(Number(value), name).toBeCloseTo(Number(backbone.weights.get(name)!.data[i]), 6));
});
