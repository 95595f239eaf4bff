import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Graph, initializeParameters, type Tensors } from "../graph/index.ts";
import { bertConfigSchema, bertConfigToHuggingFace, bertEncoder } from "../models/index.ts";
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
