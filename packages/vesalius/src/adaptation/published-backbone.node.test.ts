import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Graph, initializeParameters, type Tensors } from "../graph/index.ts";
import {
  bertConfigSchema,
  bertConfigToHuggingFace,
  bertEncoder,
  classificationHead,
  vitConfigSchema,
  vitFeatures,
} from "../models/index.ts";
import { writeHuggingFaceFolder } from "../models/checkpoints/index.node.ts";
import { loadBackbone } from "./load-model.node.ts";

const config = bertConfigSchema.parse({ vocabularySize: 40, width: 16, depth: 1, heads: 2, hiddenWidth: 32 });
let folder: string;
let weights: Tensors;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-published-"));
  const graph = new Graph();
  bertEncoder({ tokens: graph.input("tokens", "int32", [1, 4]) }, config);
  weights = initializeParameters(graph, 1);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a checkpoint of 16 bits in several files is loaded as float32", async () => {
  const path = join(folder, "shards");
  const options = { maximumShardBytes: 4000, storage: "float16" } as const;
  await writeHuggingFaceFolder(path, { config: bertConfigToHuggingFace(config), weights }, options);
  const loaded = await loadBackbone(path);
  expect([...loaded.weights.keys()].sort()).toEqual([...weights.keys()].sort());
  for (const [name, { dtype, data }] of loaded.weights) {
    expect(dtype).toBe("float32");
    const before = weights.get(name)!.data as Float32Array;
    (data as Float32Array).forEach((value, i) => expect(Math.abs(value - before[i]!)).toBeLessThan(1e-3));
  }
});

test("pickled weights are refused with what turns them into safetensors, other models by what they say they are", async () => {
  const json = JSON.stringify(bertConfigToHuggingFace(config));
  await writeFile(join(folder, "config.json"), json);
  await writeFile(join(folder, "pytorch_model.bin"), "pickle");
  await expect(loadBackbone(folder)).rejects.toMatchObject({
    code: "missing-file",
    message: expect.stringMatching(/neither model\.safetensors nor .*, only pytorch_model\.bin/) as string,
    fix: expect.stringMatching(/torch\.load\('pytorch_model\.bin'.*'model\.safetensors'/) as string,
  });
  await writeFile(
    join(folder, "config.json"),
    JSON.stringify({ ...(JSON.parse(json) as object), model_type: "gemma3" }),
  );
  await expect(loadBackbone(folder)).rejects.toThrow(/neither|model_type "gemma3"/);
});

test("a vision transformer of timm is a checkpoint folder, with its images as they were prepared", async () => {
  const path = join(folder, "timm");
  const sizes = { imageSize: [16, 32] as const, patchSize: 16, width: 12, depth: 1, heads: 3 };
  const graph = new Graph();
  const { pooled } = vitFeatures(graph.input("images", "float32", [1, 3, 16, 32]), vitConfigSchema.parse(sizes));
  classificationHead(pooled, 5);
  const timm = initializeParameters(graph, 1);
  const pretrained = { input_size: [3, 16, 32], mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.1] };
  const json = {
    architecture: "vit_tiny_patch16_224",
    num_classes: 5,
    num_features: 12,
    global_pool: "token",
    model_args: { img_size: [16, 32], embed_dim: 12, depth: 1 },
    pretrained_cfg: { ...pretrained, crop_pct: 0.9, interpolation: "bicubic" },
  };
  await writeHuggingFaceFolder(path, { config: json, weights: timm });
  const loaded = await loadBackbone(path);
  expect(loaded.network.config).toEqual(vitConfigSchema.parse(sizes));
  expect(loaded.weights).toEqual(timm);
  const { mean, std } = pretrained;
  expect(loaded.preparation).toEqual({ image: { name: "pixels", channels: 3, height: 16, width: 32, mean, std } });
  timm.delete("blocks.0.attn.qkv.bias");
  await writeHuggingFaceFolder(path, { config: json, weights: timm }, { overwrite: true });
  await expect(loadBackbone(path)).rejects.toThrow(/missing: blocks\.0\.attn\.qkv\.bias/);
});
