/** What a model saves of its adapter, and what is said of folders that hold no model or a damaged one. */
import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors } from "../common/safetensors.ts";
import type { Tensors } from "../graph/index.ts";
import type { Pretrained } from "../pretraining/index.ts";
import { classification, exportTypes, type Model } from "../tasks/index.ts";
import { pretrained } from "../testing/learning.ts";
import { patternClasses, patterns } from "../testing/patterns.ts";
import { runGraph } from "../testing/reference.node.ts";
import {
  adapt,
  type AdaptationMethod,
  applyAdapter,
  bottleneckAdapter,
  lora,
  prefixTuning,
  readAdapterFiles,
  visualPrompts,
} from "./index.ts";
import { loadModel } from "./load-model.node.ts";

type Classifier = Model<{ readonly probabilities: ArrayLike<number> }>;

const [train, unseen] = [patterns("few", 16), patterns("unseen", 8)];

let backbone: Pretrained;
let folder: string;
beforeAll(async () => {
  backbone = await pretrained({ epochs: 1 });
  folder = await mkdtemp(join(tmpdir(), "vesalius-saved-model-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const adapted = (method: AdaptationMethod): Promise<Classifier> =>
  adapt(backbone, classification({ classes: [...patternClasses] }), {
    method,
    data: train,
    steps: 3,
    batchSize: 16,
    learningRate: 0.01,
    workers: 0,
  });

async function probabilities(model: Classifier): Promise<number[]> {
  const all: number[] = [];
  for await (const { answer } of model.predict(unseen)) all.push(...Array.from(answer!.probabilities));
  return all;
}

describe("an adapter that cannot become part of the weights", () => {
  it.each<[AdaptationMethod, string]>([
    [bottleneckAdapter({ reductionFactor: 4 }), "adapters.task"],
    [prefixTuning({ virtualTokens: 2, projectionWidth: 4 }), "prompt_encoder.embedding"],
    [visualPrompts({ tokens: 2 }), "prompt_embeddings"],
  ])("stays in the model that is saved: $name", async (method, parameter) => {
    const model = await adapted(method);
    const path = join(folder, method.name);
    await model.save(path);
    expect(await readdir(join(path, "adapter"))).toContain("adapter_model.safetensors");
    const loaded = (await loadModel(path)) as Classifier;
    const names = [...loaded.weights.keys()];
    expect(names.some((name) => name.includes(parameter))).toBe(true);
    // The perceptron that only training needs is settled into the prefix.
    expect(names.some((name) => name.includes("transform"))).toBe(false);
    expect(await probabilities(loaded)).toEqual(await probabilities(model));
    await Promise.all([model.release(), loaded.release()]);
  });
});

describe("LoRA, which becomes part of the weights", () => {
  let model: Classifier;
  let path: string;
  const file = (name: string): Promise<Buffer> => readFile(join(path, name));
  beforeAll(async () => {
    model = await adapted(lora({ rank: 2, targets: ["qkv", "fc1"] }));
    path = join(folder, "lora");
    await model.save(path);
  });
  afterAll(() => model.release());

  it("is saved beside them as PEFT saves it, and on the frozen backbone it gives what the merged model gives", async () => {
    const adapter = readAdapterFiles(
      (await file("adapter/adapter_config.json")).toString(),
      await file("adapter/adapter_model.safetensors"),
      path,
    );
    expect(adapter.config).toMatchObject({ type: "lora", rank: 2, alpha: 4, dropout: 0, targets: ["qkv", "fc1"] });
    const names = [...readSafetensors(await file("adapter/adapter_model.safetensors")).tensors.keys()];
    expect(names).toContain("base_model.model.blocks.1.attn.qkv.lora_A.weight");
    expect(names).toContain("base_model.model.head.weight");

    const { storage } = unseen.columns["image"] as unknown as { storage: { pixels: Uint8Array } };
    const { mean, std } = model.backbone.preparation["image"] as unknown as Record<"mean" | "std", [number]>;
    const data = Float32Array.from(storage.pixels, (value) => (value / 255 - mean[0]) / std[0]);
    const rows = unseen.length;
    const plain = model.graph(exportTypes(model.plan(rows).parts, rows, {}), rows);
    const weights: Tensors = new Map([...model.weights, ...backbone.weights, ...adapter.weights]);
    const outputs = await runGraph(
      applyAdapter(plain, adapter.config).graph,
      new Map([...weights, ["image.pixels", { dtype: "float32", shape: [rows, 1, 16, 16], data }]]),
    );
    const expected = await probabilities(model);
    const found = outputs.get("probabilities")!.data as Float32Array;
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  });

  it.each(["config.json", "model.json", "model.safetensors"])("says that %s is missing", async (missing) => {
    const partial = await mkdtemp(join(folder, "partial-"));
    for (const name of ["config.json", "model.json", "model.safetensors"])
      if (name !== missing) await copyFile(join(path, name), join(partial, name));
    await expect(loadModel(partial)).rejects.toMatchObject({
      code: "missing-file",
      where: partial,
      what: expect.stringContaining(missing) as string,
    });
  });

  /** A copy of the folder with one file changed. */
  async function damagedCopy(name: string, damage: (content: Buffer) => string | Uint8Array): Promise<string> {
    const damaged = await mkdtemp(join(folder, "damaged-"));
    await cp(path, damaged, { recursive: true });
    await writeFile(join(damaged, name), damage(await file(name)));
    return damaged;
  }

  const flipped = (at: (length: number) => number) => (content: Buffer) => {
    const changed = Buffer.from(content);
    changed[at(content.length)]! ^= 1;
    return changed;
  };

  it.each<[string, string, (content: Buffer) => string | Uint8Array]>([
    ["a flipped bit in the weights", "model.safetensors", flipped((length) => length - 3)],
    ["a flipped bit in the adapter", "adapter/adapter_model.safetensors", flipped((length) => length - 3)],
    ["other settings of the adapter", "adapter/adapter_config.json", (it) => it.toString().replace('"r": 2', '"r": 4')],
    ["weights cut short", "model.safetensors", (it) => it.subarray(0, 500)],
    ["another configuration", "config.json", (it) => it.toString().replace('"depth": 2', '"depth": 3')],
    ["the configuration of something else", "config.json", () => "{}"],
    [
      "classes in another order",
      "model.json",
      (it) => it.toString().replace(/"([a-z]+)",(\s+)"([a-z]+)"/, '"$3",$2"$1"'),
    ],
    ["another encoder", "model.json", (it) => it.toString().replace(/"mean": \[\s+0\.\d/, '"mean": [0.9')],
    [
      "another checksum",
      "model.json",
      (it) => it.toString().replace(/"model.safetensors": "[0-9a-f]/, '"model.safetensors": "x'),
    ],
  ])("notices %s by its checksum", async (_, name, damage) => {
    const damaged = await damagedCopy(name, damage);
    expect(await readFile(join(damaged, name)), "the change is one").not.toEqual(await file(name));
    await expect(loadModel(damaged)).rejects.toMatchObject({
      code: "bad-file",
      what: expect.stringContaining("checksum differs") as string,
      where: `${damaged}/${name}`,
    });
  });

  it("is taken without its ONNX file and without the adapter alone, which nothing here reads", async () => {
    const partial = await mkdtemp(join(folder, "partial-"));
    for (const name of ["config.json", "model.json", "model.safetensors"])
      await copyFile(join(path, name), join(partial, name));
    const loaded = await loadModel(partial);
    expect(loaded.checked).toBe(true);
    await loaded.release();
  });

  /** As an earlier version wrote it. */
  const withoutChecksums = (content: string): string => {
    const { checksums: _checksums, checksum: _checksum, ...rest } = JSON.parse(content) as Record<string, unknown>;
    return JSON.stringify(rest);
  };

  it("says of one without checksums that nothing was checked", async () => {
    const loaded = await loadModel(await damagedCopy("model.json", (it) => withoutChecksums(it.toString())));
    expect(loaded.checked).toBe(false);
    await loaded.release();
  });

  it.each<[string, string, (content: string) => string, object]>([
    ["a file cut short", "model.json", (it) => it.slice(0, 40), { code: "bad-file" }],
    ["the configuration of something else", "config.json", () => "{}", { code: "bad-file" }],
    [
      "the configuration of a deeper network",
      "config.json",
      (it) => it.replaceAll('"depth": 2', '"depth": 3'),
      { code: "checkpoint-mismatch", message: expect.stringContaining("blocks.2") as string },
    ],
    ...(["width", "imageSize", "depth", "heads", "mlpRatio", "channels", "patchSize"] as const).flatMap((key) =>
      ["0", "-1", "900", "1e9", "1e300"].map((value): [string, string, (content: string) => string, object] => [
        `a ${key} of ${value}`,
        "config.json",
        (it) => it.replaceAll(new RegExp(`"${key}": [0-9]+`, "g"), `"${key}": ${value}`),
        { name: "VesaliusError" },
      ]),
    ),
    [
      "a deviation of nothing",
      "model.json",
      (it) => it.replace(/"std":\[[^\]]*\]/, '"std":[0]'),
      { code: "bad-configuration" },
    ],
    [
      "a deviation that 32 bits do not hold",
      "model.json",
      (it) => it.replace(/"std":\[[^\]]*\]/, '"std":[1e-60]'),
      { code: "bad-configuration" },
    ],
    [
      "a task that no catalogue has",
      "model.json",
      (it) => it.replace('"classification"', '"divination"'),
      { code: "bad-configuration" },
    ],
  ])("without checksums refuses %s", async (_, name, damage, error) => {
    const damaged = await damagedCopy("model.json", (it) => withoutChecksums(it.toString()));
    await writeFile(join(damaged, name), damage(await readFile(join(damaged, name), "utf8")));
    await expect(loadModel(damaged)).rejects.toMatchObject(error);
  });

  it("without checksums refuses weights that are no numbers", async () => {
    const damaged = await damagedCopy("model.json", (it) => withoutChecksums(it.toString()));
    const weights = await readFile(join(damaged, "model.safetensors"));
    weights.writeFloatLE(NaN, weights.length - 4);
    await writeFile(join(damaged, "model.safetensors"), weights);
    await expect(loadModel(damaged)).rejects.toMatchObject({ code: "not-a-number" });
  });
});
