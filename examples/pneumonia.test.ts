import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadClassifier, openDatasetOfImages, syntheticRadiographsOfImages } from "vesalius";
import { type ImageSplit, stratifiedSampleOfImages } from "vesalius/data";

const dataFolder = process.env["VESALIUS_DATA"];
const script = fileURLToPath(new URL("dist/pneumonia.js", import.meta.url));

/** A few images of each split: real ones where the machine has them, otherwise drawn ones. */
async function fewImages(): Promise<{ train: ImageSplit; validation: ImageSplit }> {
  if (dataFolder === undefined) {
    const { train, validation } = syntheticRadiographsOfImages({ count: { train: 64, validation: 48, test: 0 } });
    return { train, validation: validation! };
  }
  const { train, validation } = await openDatasetOfImages(join(dataFolder, "open/pneumoniamnist"));
  return { train: stratifiedSampleOfImages(train, 64, 1), validation: stratifiedSampleOfImages(validation!, 48, 1) };
}

/** Writes a split as PNG files, one folder for each class. */
async function writeImages(
  folder: string,
  { images, labels, length }: ImageSplit,
  classNames: readonly string[],
): Promise<void> {
  if (images.kind !== "memory" || labels === undefined) throw new TypeError("images in memory with labels are needed");
  const { height, width } = images;
  for (const name of classNames) await mkdir(join(folder, name), { recursive: true });
  for (let row = 0; row < length; row++) {
    const pixels = new Uint8Array(images.pixels.subarray(row * height * width, (row + 1) * height * width));
    const file = join(folder, classNames[labels[row]!]!, `${row}.png`);
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
    expect((await readdir(out)).sort()).toEqual(["adapter", "config.json", "model.onnx", "model.safetensors"]);
    expect(JSON.parse(await readFile(join(out, "adapter/adapter_config.json"), "utf8"))).toMatchObject({
      peft_type: "LORA",
      r: 8,
    });
    const model = await loadClassifier(out);
    const data = await openDatasetOfImages(join(folder, "data"));
    const probabilities = await model.predict(data.validation!);
    expect(probabilities).toHaveLength(2 * data.validation!.length);
    for (let row = 0; row < data.validation!.length; row++)
      expect(probabilities[2 * row]! + probabilities[2 * row + 1]!).toBeCloseTo(1, 5);
  }, 180_000);
});
