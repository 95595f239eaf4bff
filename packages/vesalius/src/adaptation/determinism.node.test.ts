/** What a result may depend on, and what not: seeds and weights do, recomputation and the batches of a prediction do not. */
import { beforeAll, describe, expect, it } from "vitest";
import { takeRows } from "../data/index.ts";
import type { Tensors } from "../graph/index.ts";
import type { Pretrained } from "../pretraining/index.ts";
import { classification, type Model } from "../tasks/index.ts";
import { pretrained, vision } from "../testing/learning.ts";
import { patternClasses, patterns } from "../testing/patterns.ts";
import { adapt, type AdaptationMethod, fullFineTuning, linearProbe, lora, scratch } from "./index.ts";

const task = classification({ classes: [...patternClasses] });
const [train, unseen] = [patterns("few", 32), patterns("unseen", 100)];

let backbone: Pretrained;
beforeAll(async () => {
  backbone = await pretrained({ steps: 4 });
});

const adapted = (method: AdaptationMethod, options: object = {}, from: Parameters<typeof adapt>[0] = backbone) =>
  adapt(from, task, { method, data: train, steps: 4, batchSize: 16, seed: 5, workers: 0, ...options });

function largestDifference(a: Tensors, b: Tensors): number {
  expect([...a.keys()]).toEqual([...b.keys()]);
  let most = 0;
  for (const [name, { data }] of a)
    data.forEach((value, i) => (most = Math.max(most, Math.abs(Number(value) - Number(b.get(name)!.data[i])))));
  return most;
}

describe("activations that are computed again", () => {
  it("do not change pretraining", async () => {
    const again = await pretrained({ steps: 4, recomputation: "blocks" });
    // Four steps of up to 4e-3 each: where a gradient is next to nothing, rounding decides where Adam goes.
    expect(largestDifference(again.weights, backbone.weights)).toBeLessThan(1e-4);
  });

  it.each([fullFineTuning(), lora({ rank: 2, targets: ["qkv"] }), linearProbe()])(
    "do not change $name",
    async (method) => {
      const plain = await adapted(method);
      const again = await adapted(method, { recomputation: { everyNthBlock: 2 } });
      expect(again.training!.trainedParameters).toBe(plain.training!.trainedParameters);
      expect(largestDifference(again.weights, plain.weights)).toBeLessThan(1e-5);
    },
  );
});

it("the same seed draws the same dropout", async () => {
  const method = lora({ rank: 2, dropout: 0.1 });
  const [first, second, other] = [await adapted(method), await adapted(method), await adapted(method, { seed: 6 })];
  expect(largestDifference(first.weights, second.weights)).toBe(0);
  expect(largestDifference(first.weights, other.weights)).toBeGreaterThan(0);
});

it("training from scratch does not see the pretrained weights", async () => {
  const first = await adapted(scratch());
  const second = await adapted(scratch(), {}, { ...vision, preparation: backbone.preparation });
  expect(largestDifference(first.weights, second.weights)).toBe(0);
  const name = "blocks.0.mlp.fc1.weight";
  expect(
    largestDifference(new Map([[name, first.weights.get(name)!]]), new Map([[name, backbone.weights.get(name)!]])),
  ).toBeGreaterThan(0.01);
});

describe("an answer", () => {
  let model: Model<{ readonly probabilities: ArrayLike<number> }>;
  beforeAll(async () => {
    model = await adapted(linearProbe());
  });
  const answers = async (rows: readonly number[]): Promise<Map<string, number[]>> => {
    const all = new Map<string, number[]>();
    for await (const { id, answer } of model.predict(takeRows(unseen, rows)))
      all.set(id, Array.from(answer!.probabilities));
    return all;
  };
  const everyRow = Array.from({ length: unseen.length }, (_, row) => row);

  it.each([
    ["order of the examples", [...everyRow].reverse()],
    ["number of examples beside it", [3]],
  ])("does not change with the %s", async (_, rows) => {
    const [all, some] = [await answers(everyRow), await answers(rows)];
    expect([...some.keys()]).toEqual(rows.map((row) => unseen.ids[row]));
    for (const [id, found] of some) found.forEach((value, i) => expect(value).toBeCloseTo(all.get(id)![i]!, 5));
  });
});
