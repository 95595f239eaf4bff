/** Whether adaptation learns at all, and learns through what a method trains: on generated images, in seconds. */
import { beforeAll, expect, test, vi } from "vitest";
import { chance, pretrained, type Scores, scoresAfter, vision } from "../testing/learning.ts";
import {
  type AdaptationMethod,
  bottleneckAdapter,
  fullFineTuning,
  ia3,
  linearProbe,
  lora,
  partialFineTuning,
  prefixTuning,
  scratch,
  visualPrompts,
} from "./index.ts";

// Machines that run tests are busy; alone this takes ten seconds.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let backbone: Awaited<ReturnType<typeof pretrained>>;
let headAlone: Scores;
beforeAll(async () => {
  backbone = await pretrained({ epochs: 2 });
  headAlone = await scoresAfter(backbone, partialFineTuning({ parameters: ["head.*"] }));
});

test.each([scratch(), fullFineTuning()])("$name tells images apart that it never saw", async (method) => {
  const { accuracy } = await scoresAfter(method.pretrained ? backbone : vision, method);
  expect(accuracy).toBeGreaterThan(chance + 0.6);
});

test("a linear probe reads from the features what is in them", async () => {
  expect((await scoresAfter(backbone, linearProbe())).accuracy).toBeGreaterThan(chance + 0.3);
});

test.each<[string, AdaptationMethod]>([
  ["one block", partialFineTuning({ parameters: ["blocks.1.*"] })],
  ["LoRA", lora({ rank: 4, targets: ["qkv", "fc1"] })],
  ["DoRA", lora({ rank: 4, dora: true, targets: ["qkv", "fc1"] })],
  ["(IA)3", ia3()],
  ["bottlenecks in series", bottleneckAdapter({ reductionFactor: 2 })],
  ["parallel bottlenecks", bottleneckAdapter({ placement: "parallel", reductionFactor: 2 })],
  ["prefixes", prefixTuning({ virtualTokens: 4 })],
  ["visual prompts", visualPrompts({ tokens: 4, deep: true })],
])("%s: what is trained beside the head makes the classes of unseen images more probable", async (_name, method) => {
  const { logLoss } = await scoresAfter(backbone, method);
  expect(logLoss).toBeLessThan(headAlone.logLoss - 0.1);
});
