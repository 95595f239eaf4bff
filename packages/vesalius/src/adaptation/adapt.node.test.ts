import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../common/random.ts";
import { classesColumn, imagesColumn, type Split } from "../data/index.ts";
import { rocAuc } from "../evaluation/index.ts";
import { vit, type Backbone } from "../models/index.ts";
import { nodeCpu } from "../runtime/index.node.ts";
import { classification, type Model } from "../tasks/index.ts";
import { adapt, bottleneckAdapter, fullFineTuning, linearProbe, lora, scratch } from "./index.ts";
import { loadModel } from "./load-model.node.ts";
import { maskedImageModelling, pretrain } from "../pretraining/index.ts";

const side = 8;

/** Images of noise, of which those of the class "bright" have a brighter corner. */
function corners(name: string, length: number, seed: number): Split {
  const stream = randomStream(seed, "corners");
  const labels = Array.from({ length }, (_, row) => row % 2);
  const pixels = Uint8Array.from({ length: length * side * side }, (_, i) => {
    const [row, place] = [Math.floor(i / (side * side)), i % (side * side)];
    const inCorner = place % side < 4 && place < 4 * side;
    return 60 + stream.integer(120) + (labels[row] === 1 && inCorner ? 70 : 0);
  });
  return {
    name,
    length,
    ids: labels.map((_, row) => `${name}/${row}`),
    groups: undefined,
    attributes: {},
    columns: {
      image: imagesColumn(pixels, { channels: 1, height: side, width: side }),
      label: classesColumn(["dark", "bright"], labels),
    },
  };
}

const train = corners("train", 96, 1);
const validation = corners("validation", 80, 2);
const shape = vit({ imageSize: side, patchSize: 4, channels: 1, width: 16, depth: 2, heads: 2, pooling: "mean" });
const task = classification({ classes: ["dark", "bright"] });

async function probabilities(
  model: Model<{ probabilities: ArrayLike<number> }>,
  split = validation,
): Promise<number[]> {
  const answers: number[] = [];
  for await (const { answer } of model.predict(split)) answers.push(answer!.probabilities[1]!);
  return answers;
}

const aucOf = (scores: readonly number[], split = validation): number => {
  const labels = Array.from({ length: split.length }, (_, row) => row % 2);
  return rocAuc(labels, scores);
};

let pretrained: Backbone;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-adapt-"));
  pretrained = await pretrain(
    shape,
    maskedImageModelling({ maskRatio: 0.5, decoder: { width: 16, depth: 1, heads: 2 } }),
    train,
    {
      epochs: 3,
      batchSize: 32,
    },
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("adapt", () => {
  it.each([scratch(), fullFineTuning(), lora({ rank: 4 }), bottleneckAdapter(), linearProbe()])(
    "learns with $name, and the saved model answers the same",
    async (method) => {
      const model = await adapt(pretrained, task, {
        method,
        data: train,
        epochs: method.name === "linearProbe" ? 60 : 25,
        batchSize: 16,
        seed: 3,
      });
      const scores = await probabilities(model);
      expect(aucOf(scores)).toBeGreaterThan(0.75);
      const path = join(folder, method.name);
      await model.save(path);
      const loaded = (await loadModel(path)) as typeof model;
      const again = await probabilities(loaded);
      scores.forEach((score, i) => expect(again[i]).toBeCloseTo(score, 5));
      expect(loaded.task.settings).toEqual(model.task.settings);
      await model.release();
      await loaded.release();
    },
  );

  it("writes what the field reads", async () => {
    expect((await readdir(join(folder, "lora"))).sort()).toEqual([
      "adapter",
      "config.json",
      "model.json",
      "model.onnx",
      "model.safetensors",
    ]);
    const config = JSON.parse(await readFile(join(folder, "lora/config.json"), "utf8")) as Record<string, unknown>;
    expect(config).toMatchObject({
      architecture: "vit",
      model_args: { img_size: side },
      vesalius: { architecture: "vit" },
    });
  });

  it("exports a plain model that takes pixels from 0 to 1", async () => {
    const model = (await loadModel(join(folder, "lora"))) as Model<{ probabilities: ArrayLike<number> }>;
    const session = await (await nodeCpu()).load(model.toOnnx(1));
    const pixels = (validation.columns["image"] as ReturnType<typeof imagesColumn>).storage;
    if (pixels.kind !== "memory") throw new Error("the images are in memory");
    const data = Float32Array.from(pixels.pixels.subarray(0, 64), (value) => value / 255);
    const outputs = await session.run(
      new Map([["image.pixels", { dtype: "float32", shape: [1, 1, side, side], data }]]),
    );
    const [first] = await probabilities(model);
    expect((outputs.get("probabilities")!.data as Float32Array)[1]).toBeCloseTo(first!, 5);
    await session.release();
    await model.release();
  });

  it("gives the same model for the same seed", async () => {
    const options = { method: fullFineTuning(), data: train, epochs: 2, batchSize: 16, seed: 5 };
    const [one, two] = [await adapt(pretrained, task, options), await adapt(pretrained, task, options)];
    for (const [name, tensor] of one.weights) expect(two.weights.get(name)!.data, name).toEqual(tensor.data);
  });

  it("refuses before any time is spent", async () => {
    const method = lora();
    await expect(adapt(shape, task, { method, data: train })).rejects.toThrow(/needs a pretrained backbone/);
    const other = classification({ classes: ["bright", "dark"] });
    await expect(adapt(pretrained, other, { method, data: train })).rejects.toThrow(/not those of the model/);
    const one = {
      ...train,
      columns: { ...train.columns, label: classesColumn(["dark", "bright"], Array<number>(96).fill(0)) },
    };
    await expect(adapt(pretrained, task, { method, data: one })).rejects.toThrow(
      /no training example has the class bright/,
    );
    await expect(
      adapt(pretrained, task, { method, data: { ...train, columns: { label: train.columns["label"]! } } }),
    ).rejects.toThrow(/no column image|reads image from a column image/);
    const wider = vit({ imageSize: side, patchSize: 4, channels: 1, width: 24, depth: 2, heads: 2, pooling: "mean" });
    await expect(adapt({ ...pretrained, network: wider.network }, task, { method, data: train })).rejects.toMatchObject(
      { code: "checkpoint-mismatch" },
    );
  });
});
