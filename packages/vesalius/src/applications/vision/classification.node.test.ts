import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  adaptOnLabelledImages as adapt,
  type AdaptationMethod,
  applyAdapter,
  bottleneckAdapter,
  fullFineTuning,
  ia3,
  linearProbe,
  lora,
  partialFineTuning,
  prefixTuning,
  readAdapterFiles,
  scratch,
  visualPrompts,
} from "../../adaptation/index.ts";
import { type ImageDataset, type ImageSplit, syntheticRadiographsOfImages } from "../../data/index.ts";
import type { Tensors } from "../../graph/index.ts";
import { vit } from "../../models/index.ts";
import {
  maskedPixels as maskedImageModelling,
  pretrainOnImages as pretrain,
  type PretrainedOnImages as Pretrained,
} from "../../pretraining/index.ts";
import { runGraph } from "../../testing/reference.node.ts";
import { readSafetensors } from "../../common/safetensors.ts";
import { classification } from "./classification.ts";
import { decodeClassifier } from "./classifier-files.ts";
import { ImageClassifier } from "./image-classifier.ts";

const shape = vit({
  imageSize: 28,
  patchSize: 7,
  channels: 1,
  width: 16,
  depth: 2,
  heads: 2,
  pooling: "mean",
  positions: "sineCosine",
});
const settings = { epochs: 1, batchSize: 16, seed: 5, workers: 0 };

let data: ImageDataset;
let backbone: Pretrained;
let folder: string;

beforeAll(async () => {
  data = syntheticRadiographsOfImages({ count: { train: 64, validation: 20, test: 20 }, seed: 2 });
  backbone = await pretrain(
    shape,
    maskedImageModelling({ ratio: 0.5, decoder: { width: 16, depth: 1, heads: 2 } }),
    data.train,
    settings,
  );
  folder = await mkdtemp(join(tmpdir(), "vesalius-classifier-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (method: AdaptationMethod, split: ImageSplit = data.train): Promise<ImageClassifier> =>
  adapt(backbone, classification(data.labels), { method, data: split, ...settings });

const floats = (weights: Tensors, name: string): Float32Array => weights.get(name)!.data as Float32Array;

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

test("activations that are computed again change neither pretraining nor adaptation", async () => {
  const objective = maskedImageModelling({ ratio: 0.5, decoder: { width: 16, depth: 1, heads: 2 } });
  const again = await pretrain(shape, objective, data.train, { ...settings, recomputation: "blocks" });
  expect(
    largestDifference(
      floats(again.weights, "blocks.0.attn.qkv.weight"),
      floats(backbone.weights, "blocks.0.attn.qkv.weight"),
    ),
  ).toBeLessThan(1e-5);
  for (const method of [fullFineTuning(), lora({ rank: 2, targets: ["qkv"] }), linearProbe()]) {
    const task = classification(data.labels);
    const options = { method, data: data.train, ...settings, recomputation: { everyNthBlock: 2 } };
    const [plain, recomputed] = [await run(method), await adapt(backbone, task, options)];
    expect(recomputed.training!.trainedParameters).toBe(plain.training!.trainedParameters);
    expect(
      largestDifference(floats(recomputed.weights, "head.weight"), floats(plain.weights, "head.weight")),
    ).toBeLessThan(1e-5);
  }
});

describe("every method of adaptation", () => {
  const methods: [AdaptationMethod, (name: string) => boolean][] = [
    [fullFineTuning(), (name) => name !== "pos_embed"],
    [linearProbe(), (name) => name.startsWith("head.")],
    [lora({ rank: 2, targets: ["qkv"] }), (name) => /^(head|fc_norm)\.|qkv\.weight$/.test(name)],
    [partialFineTuning({ parameters: ["blocks.1.*"] }), (name) => /^(head|fc_norm|blocks\.1)\./.test(name)],
    [lora({ rank: 2, dora: true, targets: ["fc1"] }), (name) => /^(head|fc_norm)\.|fc1\.weight$/.test(name)],
    [ia3(), (name) => /^(head|fc_norm)\.|qkv\.(weight|bias)$|fc2\.weight$/.test(name)],
    [bottleneckAdapter({ reductionFactor: 4 }), (name) => /^(head|fc_norm)\./.test(name)],
    [bottleneckAdapter({ placement: "parallel" }), (name) => /^(head|fc_norm)\./.test(name)],
    [prefixTuning({ virtualTokens: 2, projectionWidth: 4 }), (name) => /^(head|fc_norm)\./.test(name)],
    [visualPrompts({ tokens: 2, deep: true }), (name) => /^(head|fc_norm)\./.test(name)],
  ];
  test.each(methods)("$name changes what it trains and nothing else", async (method, trains) => {
    const model = await run(method);
    for (const name of backbone.weights.keys()) {
      if (!model.weights.has(name)) continue;
      const same = largestDifference(floats(model.weights, name), floats(backbone.weights, name)) === 0;
      expect({ name, changed: !same }).toEqual({ name, changed: trains(name) });
    }
    const probabilities = await model.predict(data.validation!);
    expect(probabilities).toHaveLength(40);
    for (let row = 0; row < 20; row++) expect(probabilities[2 * row]! + probabilities[2 * row + 1]!).toBeCloseTo(1, 5);
    expect(model.training!.trainedParameters).toBeLessThanOrEqual(model.training!.parameters);
    await model.release();
  });

  test.each([
    [bottleneckAdapter({ reductionFactor: 4 }), "adapters.task"],
    [prefixTuning({ virtualTokens: 2, projectionWidth: 4 }), "prompt_encoder.embedding"],
    [visualPrompts({ tokens: 2 }), "prompt_embeddings"],
  ])("$name stays in the model that is saved", async (method, parameter) => {
    const model = await run(method);
    const files = model.encode();
    expect([...files.keys()]).toContain("adapter/adapter_model.safetensors");
    const loaded = new ImageClassifier(
      decodeClassifier(files.get("config.json") as string, files.get("model.safetensors") as Uint8Array, "model"),
    );
    expect([...loaded.weights.keys()].some((name) => name.includes(parameter))).toBe(true);
    expect([...loaded.weights.keys()].some((name) => name.includes("transform"))).toBe(false);
    expect(await loaded.predict(data.test!)).toEqual(await model.predict(data.test!));
    await Promise.all([model.release(), loaded.release()]);
  });

  test("scratch does not see the pretrained weights", async () => {
    // Another seed than the backbone's, since parameters start alike under the same one.
    const options = { method: scratch(), data: data.train, ...settings, seed: 6 };
    const [first, second] = [
      await adapt(backbone, classification(data.labels), options),
      await adapt(shape, classification(data.labels), options),
    ];
    for (const name of first.weights.keys()) expect(floats(second.weights, name)).toEqual(floats(first.weights, name));
    const name = "blocks.0.mlp.fc1.weight";
    expect(largestDifference(floats(first.weights, name), floats(backbone.weights, name))).toBeGreaterThan(0.01);
  });

  test("the same seed gives the same model", async () => {
    const [first, second] = [await run(lora({ rank: 2, dropout: 0.1 })), await run(lora({ rank: 2, dropout: 0.1 }))];
    for (const name of first.weights.keys()) expect(floats(second.weights, name)).toEqual(floats(first.weights, name));
  });
});

test("the order of the images does not change their probabilities, nor does the size of the batch", async () => {
  const model = await run(linearProbe());
  const all = await model.predict(data.test!);
  const source = data.test!.images;
  if (source.kind !== "memory") throw new Error("synthetic images are in memory");
  const one = {
    ...data.test!,
    length: 1,
    images: { ...source, pixels: source.pixels.subarray(3 * 784, 4 * 784), count: 1 },
  };
  const single = await model.predict({ ...one, ids: [data.test!.ids[3]!], labels: undefined });
  expect(largestDifference(single, all.subarray(6, 8))).toBeLessThan(1e-5);
});

test("a saved model predicts the same, from safetensors and from ONNX, and its adapter is PEFT's", async () => {
  const model = await run(lora({ rank: 2, targets: ["qkv", "fc1"] }));
  const expected = await model.predict(data.test!);
  const path = join(folder, "model");
  await model.save(path);
  expect((await readdir(path)).sort()).toEqual(["adapter", "config.json", "model.onnx", "model.safetensors"]);
  const file = (name: string) => readFile(join(path, name));
  const loaded = new ImageClassifier(
    decodeClassifier((await file("config.json")).toString(), await file("model.safetensors"), path),
  );
  expect(largestDifference(await loaded.predict(data.test!), expected)).toBe(0);

  const { nodeCpu } = await import("../../runtime/index.node.ts");
  const session = await (await nodeCpu()).load(await file("model.onnx"));
  const source = data.test!.images;
  const pixels =
    source.kind === "memory"
      ? Float32Array.from(source.pixels.subarray(0, 784), (value) => value / 255)
      : new Float32Array();
  const outputs = await session.run(new Map([["images", { dtype: "float32", shape: [1, 1, 28, 28], data: pixels }]]));
  expect(largestDifference(outputs.get("probabilities")!.data as Float32Array, expected.subarray(0, 2))).toBeLessThan(
    1e-5,
  );
  await session.release();

  const adapter = readAdapterFiles(
    (await file("adapter/adapter_config.json")).toString(),
    await file("adapter/adapter_model.safetensors"),
    path,
  );
  expect(adapter.config).toMatchObject({ type: "lora", rank: 2, alpha: 4, dropout: 0, targets: ["qkv", "fc1"] });
  const names = [...readSafetensors(await file("adapter/adapter_model.safetensors")).tensors.keys()];
  expect(names).toContain("base_model.model.blocks.1.attn.qkv.lora_A.weight");
  expect(names).toContain("base_model.model.head.weight");
  // The adapter beside the frozen base gives what the merged model gives.
  const graph = applyAdapter(model.graph(20), adapter.config).graph;
  const weights: Tensors = new Map([...model.weights, ...backbone.weights, ...adapter.weights]);
  const images =
    source.kind === "memory" ? Float32Array.from(source.pixels, (value) => value / 255) : new Float32Array();
  const adapted = await runGraph(
    graph,
    new Map([...weights, ["images", { dtype: "float32" as const, shape: [20, 1, 28, 28], data: images }]]),
  );
  expect(largestDifference(adapted.get("probabilities")!.data as Float32Array, expected)).toBeLessThan(1e-5);
});

describe("what does not fit is refused before any time is spent", () => {
  test("a class without an example", async () => {
    const labels = data.train.labels!.map(() => 0);
    await expect(run(lora(), { ...data.train, labels })).rejects.toThrow(/no training image shows: opacity/);
  });
  test("a label outside the classes", async () => {
    const labels = data.train.labels!.slice();
    labels[7] = 9;
    await expect(run(lora(), { ...data.train, labels })).rejects.toMatchObject({
      code: "bad-data",
      where: data.train.ids[7],
    });
  });
  test("images of another size or number of channels", async () => {
    const wide = { ...data.train, images: { ...data.train.images, channels: 3 } };
    await expect(run(lora(), wide)).rejects.toMatchObject({ code: "shape-mismatch" });
  });
  test("a method that needs pretrained weights on a backbone that has none", async () => {
    await expect(adapt(shape, classification(data.labels), { method: lora(), data: data.train })).rejects.toThrow(
      /needs a pretrained backbone/,
    );
  });
  test("a backbone of another shape", async () => {
    const other = { ...vit({ ...shape.config, width: 24 }), weights: backbone.weights };
    await expect(adapt(other, classification(data.labels), { method: lora(), data: data.train })).rejects.toMatchObject(
      {
        code: "checkpoint-mismatch",
      },
    );
  });
  test("damaged files of a saved model", async () => {
    const model = await run(linearProbe());
    const files = model.encode();
    const config = files.get("config.json") as string;
    const weights = files.get("model.safetensors") as Uint8Array;
    expect(() => decodeClassifier(config.slice(0, 40), weights, "m")).toThrow(/no valid JSON/);
    expect(() => decodeClassifier(config.replace('"depth": 2', '"depth": 3'), weights, "m")).toThrow(
      /missing: blocks\.2/,
    );
    expect(() => decodeClassifier(config, weights.subarray(0, 500), "m")).toThrow(/safetensors/);
  });
});
