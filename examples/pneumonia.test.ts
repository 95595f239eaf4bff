import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel, openDataset, syntheticRadiographs } from "vesalius";
import { columnOf, type Split, stratifiedSample } from "vesalius/data";

const dataFolder = process.env["VESALIUS_DATA"];
const script = fileURLToPath(new URL("dist/pneumonia.js", import.meta.url));

const few = (split: Split, count: number): Split =>
  stratifiedSample(split, count, 1, columnOf(split, "label", "classes").values);

/** A few images of each split: real ones where the machine has them, otherwise drawn ones. */
async function fewImages(): Promise<{ train: Split; validation: Split }> {
  if (dataFolder === undefined) {
    const { splits } = syntheticRadiographs({ count: { train: 64, validation: 48, test: 0 } });
    return { train: splits["train"]!, validation: splits["validation"]! };
  }
  const { splits } = await openDataset(join(dataFolder, "open/pneumoniamnist"));
  return { train: few(splits["train"]!, 64), validation: few(splits["validation"]!, 48) };
}

/** Writes a split as PNG files, one folder for each class. */
async function writeImages(folder: string, split: Split, classNames: readonly string[]): Promise<void> {
  const { storage } = columnOf(split, "image", "images");
  const { values } = columnOf(split, "label", "classes");
  if (storage.kind !== "memory") throw new TypeError("images in memory are needed");
  const { height, width } = storage;
  for (const name of classNames) await mkdir(join(folder, name), { recursive: true });
  for (let row = 0; row < split.length; row++) {
    const pixels = new Uint8Array(storage.pixels.subarray(row * height * width, (row + 1) * height * width));
    const file = join(folder, classNames[values[row]!]!, `${row}.png`);
    await sharp(pixels, { raw: { width, height, channels: 1 } })
      .toColourspace("b-w")
      .png()
      .toFile(file);
  }
}

describe("the example of pneumonia", () => {
  let folder: string;
  beforeAll(async () => {
    if (!existsSync(script)) throw new Error("the example is not built: run `npm run build` first");
    folder = await mkdtemp(join(tmpdir(), "vesalius-example-"));
    const { train, validation } = await fewImages();
    const classNames = ["normal", "pneumonia"];
    await writeImages(join(folder, "data/train"), train, classNames);
    await writeImages(join(folder, "data/val"), validation, classNames);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("runs as it is written and saves a model that can be loaded", async () => {
    const out = join(folder, "model");
    const run = spawnSync(process.execPath, [script, join(folder, "data"), out, "1"], { encoding: "utf8" });
    expect(run).toMatchObject({ status: 0 });
    const printed = JSON.parse(run.stdout) as { rocAuc: { value: number; lower: number; upper: number } };
    expect(printed.rocAuc.lower).toBeLessThanOrEqual(printed.rocAuc.value);
    expect(printed.rocAuc.upper).toBeGreaterThanOrEqual(printed.rocAuc.value);
    expect((await readdir(out)).sort()).toEqual([
      "adapter",
      "config.json",
      "model.json",
      "model.onnx",
      "model.safetensors",
    ]);
    expect(JSON.parse(await readFile(join(out, "adapter/adapter_config.json"), "utf8"))).toMatchObject({
      peft_type: "LORA",
      r: 8,
    });
    const model = await loadModel(out);
    const { validation } = (await openDataset(join(folder, "data"))).splits;
    const answers: unknown[] = [];
    for await (const { answer } of model.predict(validation!)) {
      answers.push(answer);
      const { probabilities } = answer as { probabilities: ArrayLike<number> };
      expect(Array.from(probabilities).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    }
    expect(answers).toHaveLength(validation!.length);
  }, 180_000);
});
