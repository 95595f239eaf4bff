/** What a method freezes stays as it was pretrained, to the bit; what it trains moves. */
import { beforeAll, expect, test } from "vitest";
import type { Pretrained } from "../pretraining/index.ts";
import { classification } from "../tasks/index.ts";
import { pretrained } from "../testing/learning.ts";
import { patternClasses, patterns } from "../testing/patterns.ts";
import {
  adapt,
  type AdaptationMethod,
  bottleneckAdapter,
  fullFineTuning,
  ia3,
  linearProbe,
  lora,
  partialFineTuning,
  prefixTuning,
  visualPrompts,
} from "./index.ts";

const isHead = (name: string): boolean => /^(head|fc_norm)\./.test(name);
const headAnd =
  (pattern: RegExp) =>
  (name: string): boolean =>
    isHead(name) || pattern.test(name);

let backbone: Pretrained;
beforeAll(async () => {
  backbone = await pretrained({ epochs: 1 });
});

const adapted = (method: AdaptationMethod, learningRate = 0.01) =>
  adapt(backbone, classification({ classes: [...patternClasses] }), {
    method,
    data: patterns("few", 16),
    steps: 3,
    batchSize: 16,
    learningRate,
    workers: 0,
  });

test.each<[AdaptationMethod, (name: string) => boolean]>([
  [fullFineTuning(), (name) => name !== "pos_embed"],
  [partialFineTuning({ parameters: ["blocks.1.*"] }), headAnd(/^blocks\.1\./)],
  [linearProbe(), (name) => name.startsWith("head.")],
  [lora({ rank: 2, targets: ["qkv"] }), headAnd(/qkv\.weight$/)],
  [lora({ rank: 2, dora: true, targets: ["fc1"] }), headAnd(/fc1\.weight$/)],
  [ia3(), headAnd(/qkv\.(weight|bias)$|fc2\.weight$/)],
  [bottleneckAdapter({ reductionFactor: 4 }), isHead],
  [prefixTuning({ virtualTokens: 2 }), isHead],
  [visualPrompts({ tokens: 2 }), isHead],
])("$name", async (method, moves) => {
  const model = await adapted(method);
  const changed: Record<string, boolean> = {};
  for (const [name, { data }] of backbone.weights) {
    const now = model.weights.get(name);
    if (now !== undefined) changed[name] = data.some((value, i) => value !== now.data[i]);
  }
  expect(Object.keys(changed).length).toBeGreaterThan(20);
  expect(changed).toEqual(Object.fromEntries(Object.keys(changed).map((name) => [name, moves(name)])));
});

test("the head is trained beside an adapter", async () => {
  const [model, slower] = [await adapted(ia3()), await adapted(ia3(), 1e-6)];
  expect(model.weights.get("head.weight")!.data).not.toEqual(slower.weights.get("head.weight")!.data);
});
