import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { float32, Graph, linear, quantizeTensors, quantizeWeights, type Tensors } from "../../graph/index.ts";
import { writeSafetensors } from "../../common/safetensors.ts";
import { openHuggingFaceFolder, readHuggingFaceFolder, writeHuggingFaceFolder } from "./hugging-face-folder.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-hf-"));
});
afterEach(() => rm(folder, { recursive: true }));

const config = { model_type: "vit", hidden_size: 4 };
const weights: Tensors = new Map([
  ["a.weight", float32([4], [1, 2, 3, 4])],
  ["b.weight", float32([2, 2], [5, 6, 7, 8])],
  ["c.bias", float32([1], [9])],
]);

describe("a folder in the layout of Hugging Face", () => {
  test("comes back as it was written, in one file", async () => {
    await writeHuggingFaceFolder(folder, { config, weights });
    expect((await readdir(folder)).sort()).toEqual(["config.json", "model.safetensors"]);
    expect(await readHuggingFaceFolder(folder)).toEqual({ config, weights });
  });

  test("and in several", async () => {
    await writeHuggingFaceFolder(folder, { config, weights }, { maximumShardBytes: 16 });
    expect((await readdir(folder)).sort()).toEqual([
      "config.json",
      "model-00001-of-00003.safetensors",
      "model-00002-of-00003.safetensors",
      "model-00003-of-00003.safetensors",
      "model.safetensors.index.json",
    ]);
    expect(await readHuggingFaceFolder(folder)).toEqual({ config, weights });
    const index = JSON.parse(await readFile(join(folder, "model.safetensors.index.json"), "utf8"));
    expect(index).toEqual({
      metadata: { total_size: 36 },
      weight_map: {
        "a.weight": "model-00001-of-00003.safetensors",
        "b.weight": "model-00002-of-00003.safetensors",
        "c.bias": "model-00003-of-00003.safetensors",
      },
    });
  });

  test("is replaced only when asked, and then leaves nothing of the old files", async () => {
    await writeHuggingFaceFolder(folder, { config, weights }, { maximumShardBytes: 16 });
    await expect(writeHuggingFaceFolder(folder, { config, weights })).rejects.toThrow(/holds a checkpoint already/);
    await writeHuggingFaceFolder(folder, { config, weights }, { overwrite: true });
    expect((await readdir(folder)).sort()).toEqual(["config.json", "model.safetensors"]);
  });

  test("half-precision weights stay, or are widened exactly when asked", async () => {
    const half: Tensors = new Map([
      ["f16", { dtype: "float16", shape: [3], data: Uint16Array.of(0x3c00, 0xc000, 0x0001) }],
      ["bf16", { dtype: "bfloat16", shape: [2], data: Uint16Array.of(0x3f80, 0xc040) }],
    ]);
    await writeHuggingFaceFolder(folder, { config, weights: half });
    expect((await readHuggingFaceFolder(folder)).weights.get("f16")).toEqual(half.get("f16"));
    const { weights: wide } = await readHuggingFaceFolder(folder, { widen: true });
    expect(wide.get("f16")).toEqual(float32([3], [1, -2, 2 ** -24]));
    expect(wide.get("bf16")).toEqual(float32([2], [1, -3]));
  });

  test("is written in float16 when asked, and not at all where float16 cannot hold a weight", async () => {
    await writeHuggingFaceFolder(folder, { config, weights }, { storage: "float16" });
    expect((await readHuggingFaceFolder(folder)).weights.get("c.bias")!.dtype).toBe("float16");
    expect((await readHuggingFaceFolder(folder, { widen: true })).weights).toEqual(weights);
    const large: Tensors = new Map([["a.weight", float32([1], [1e6])]]);
    await expect(
      writeHuggingFaceFolder(folder, { config, weights: large }, { storage: "float16", overwrite: true }),
    ).rejects.toMatchObject({ code: "not-a-number", where: "a.weight" });
    expect((await readHuggingFaceFolder(folder)).weights.size).toBe(3);
  });
});

describe("a folder that is opened", () => {
  test.each([5e9, 16])("gives its weights one by one, from files of at most %d bytes", async (maximumShardBytes) => {
    await writeHuggingFaceFolder(folder, { config, weights }, { maximumShardBytes, storage: "float16" });
    const opened = await openHuggingFaceFolder(folder, { widen: true });
    expect(opened.config).toEqual(config);
    expect([...opened.tensors.keys()].sort()).toEqual([...weights.keys()]);
    expect(opened.tensors.get("b.weight")).toMatchObject({ dtype: "float16", shape: [2, 2] });
    for (const [name, tensor] of weights) expect(await opened.read(name)).toEqual(tensor);
    await expect(opened.read("d")).rejects.toMatchObject({ code: "checkpoint-mismatch", where: "d" });
  });

  test("feeds the quantisation of a model that is never in memory as a whole", async () => {
    const data = Float32Array.from({ length: 64 * 32 }, (_, i) => Math.sin(i));
    const matrix = float32([32, 64], data);
    await writeHuggingFaceFolder(folder, { config, weights: new Map([["w", matrix]]) });
    const graph = new Graph();
    const weight = graph.parameter("w", [32, 64], { kind: "zeros" });
    graph.output("y", linear(graph.input("x", "float32", [4, 64]), weight));
    const { weights: chosen } = quantizeWeights(graph, { format: "nf4", minimumElements: 64, trained: () => false });
    expect(chosen).toHaveLength(1);
    const { read } = await openHuggingFaceFolder(folder);
    expect(await quantizeTensors(chosen, read)).toEqual(await quantizeTensors(chosen, () => matrix));
  });

  test("notices that a file became shorter since", async () => {
    await writeHuggingFaceFolder(folder, { config, weights });
    const { read } = await openHuggingFaceFolder(folder);
    await truncate(join(folder, "model.safetensors"), 100);
    await expect(read("c.bias")).rejects.toMatchObject({ code: "bad-file" });
  });
});

describe("folders that are refused", () => {
  const index = (map: Record<string, string>): string => JSON.stringify({ weight_map: map });
  const put = (name: string, content: string | Uint8Array): Promise<void> => writeFile(join(folder, name), content);

  test("without configuration, or without weights", async () => {
    await expect(readHuggingFaceFolder(folder)).rejects.toMatchObject({ code: "missing-file" });
    await put("config.json", "{}");
    await put("pytorch_model.bin", "");
    await expect(readHuggingFaceFolder(folder)).rejects.toThrow(/neither model.safetensors nor/);
    await expect(readHuggingFaceFolder(join(folder, "none"))).rejects.toMatchObject({ code: "missing-file" });
  });

  test("with a configuration that is no object", async () => {
    await put("config.json", "[1]");
    await expect(readHuggingFaceFolder(folder)).rejects.toThrow(/holds no object/);
    await put("config.json", "{");
    await expect(readHuggingFaceFolder(folder)).rejects.toThrow(/no valid JSON/);
  });

  test.each(["../model.safetensors", "/etc/passwd", "a/../../x", "..\\x"])(
    "with an index that names %j",
    async (file) => {
      await put("config.json", "{}");
      await put("model.safetensors.index.json", index({ a: file }));
      await expect(readHuggingFaceFolder(folder)).rejects.toMatchObject({ code: "bad-file" });
    },
  );

  test("with a file that is a link to the outside", async () => {
    const outside = await mkdtemp(join(tmpdir(), "vesalius-outside-"));
    await writeFile(join(outside, "w"), writeSafetensors(weights));
    await put("config.json", "{}");
    await symlink(join(outside, "w"), join(folder, "model.safetensors"));
    await expect(readHuggingFaceFolder(folder)).rejects.toThrow(/symbolic link/);
    await rm(outside, { recursive: true });
  });

  test.each(["models--org--net", "net"])(
    "and reads the links of a snapshot in the hub's cache alone: %s",
    async (name) => {
      const cache = join(folder, name);
      const snapshot = join(cache, "snapshots", "0f3a");
      await mkdir(snapshot, { recursive: true });
      await mkdir(join(cache, "blobs"));
      await writeFile(join(cache, "blobs", "1"), '{"model_type":"x"}');
      await writeFile(join(cache, "blobs", "2"), writeSafetensors(weights));
      await symlink("../../blobs/1", join(snapshot, "config.json"));
      await symlink("../../blobs/2", join(snapshot, "model.safetensors"));
      if (name === "net") return expect(readHuggingFaceFolder(snapshot)).rejects.toThrow(/symbolic link/);
      const read = await readHuggingFaceFolder(snapshot);
      expect(read.config).toEqual({ model_type: "x" });
      expect([...read.weights.keys()].sort()).toEqual([...weights.keys()].sort());
      // What lies beside the blobs belongs to nobody, and neither do blobs that lie elsewhere.
      await rm(join(snapshot, "config.json"));
      await writeFile(join(cache, "secret"), "{}");
      await symlink("../../secret", join(snapshot, "config.json"));
      await expect(readHuggingFaceFolder(snapshot)).rejects.toThrow(/symbolic link/);
      await rm(join(snapshot, "config.json"));
      await symlink("../../blobs/1", join(snapshot, "config.json"));
      await rename(join(cache, "blobs"), join(folder, "elsewhere"));
      await symlink("../elsewhere", join(cache, "blobs"));
      await expect(readHuggingFaceFolder(snapshot)).rejects.toThrow(/symbolic link/);
    },
  );

  test("with files that do not hold what the index says", async () => {
    await put("config.json", "{}");
    await put("one.safetensors", writeSafetensors(weights));
    await put("model.safetensors.index.json", index({ "a.weight": "one.safetensors", "d.weight": "one.safetensors" }));
    await expect(readHuggingFaceFolder(folder)).rejects.toThrow(/missing: d.weight; unexpected: b.weight, c.bias/);
    await put("model.safetensors.index.json", '{"weight_map": [1]}');
    await expect(readHuggingFaceFolder(folder)).rejects.toThrow(/no index of safetensors files/);
  });
});
