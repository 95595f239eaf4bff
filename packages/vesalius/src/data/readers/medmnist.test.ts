import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { columnOf } from "../dataset/rows.ts";
import type { Split } from "../split.ts";
import { medmnistSplits } from "./medmnist.ts";
import { imageOf } from "./readers.test.helper.ts";
import { readNpz } from "./npz.ts";
import type { NumericArray, NumericData } from "./npz.ts";

function fixture(name: string): Map<string, NumericArray> {
  const bytes = readFileSync(new URL(`../../../fixtures/npz/${name}`, import.meta.url));
  return readNpz(bytes, { where: name });
}

function array(data: NumericData, shape: number[], dtype = "u1"): NumericArray {
  return { data, shape, dtype };
}

const images = array(new Uint8Array(2 * 3 * 4), [2, 3, 4]);
const labels = array(new Uint8Array(2), [2, 1]);

const classesOf = (split: Split | undefined): Int32Array => columnOf(split!, "label", "classes").values;
function pixelsOf(split: Split | undefined): Uint8Array {
  const { storage } = imageOf(split);
  if (storage.kind !== "memory") throw new Error("an archive is decoded");
  return storage.pixels;
}

async function refused(arrays: Record<string, NumericArray>) {
  return failure(() => medmnistSplits(new Map(Object.entries(arrays)), "set.npz"));
}

describe("medmnistSplits", () => {
  it("reads three grey splits with labels (N, 1) and (N,) of several integer types", () => {
    const { splits, cautions } = medmnistSplits(fixture("grey.npz"), "grey.npz");
    expect(cautions).toEqual([]);
    expect(imageOf(splits["train"])).toMatchObject({ length: 6, storage: { channels: 1, height: 5, width: 4 } });
    expect(classesOf(splits["train"])).toEqual(Int32Array.of(0, 1, 2, 0, 1, 2));
    expect(classesOf(splits["validation"])).toEqual(Int32Array.of(2, 1, 0));
    expect(splits["validation"]!.ids).toEqual(["validation/0", "validation/1", "validation/2"]);
    expect(classesOf(splits["test"])).toEqual(Int32Array.of(0, 1, 2));
  });

  it("moves the channels of colour images to the front", () => {
    const stored = fixture("colour.npz").get("train_images")!.data;
    const { train } = medmnistSplits(fixture("colour.npz"), "colour.npz").splits;
    expect(imageOf(train).storage).toMatchObject({ channels: 3, height: 5, width: 4 });
    const pixels = pixelsOf(train);
    const at = (image: number, channel: number, y: number, x: number): number =>
      pixels[((image * 3 + channel) * 5 + y) * 4 + x]!;
    for (const [image, channel, y, x] of [
      [0, 0, 0, 0],
      [1, 2, 3, 1],
      [5, 1, 4, 3],
    ] as const) {
      expect(at(image, channel, y, x)).toBe(stored[((image * 5 + y) * 4 + x) * 3 + channel]);
    }
    expect(pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("leaves splits and labels out that the archive does not have", () => {
    const { splits } = medmnistSplits(new Map([["test_images", images]]), "set.npz");
    expect(Object.keys(splits)).toEqual(["test"]);
    expect(Object.keys(splits["test"]!.columns)).toEqual(["image"]);
  });

  it("rounds float images in [0, 1] to 8 bits and says so", () => {
    const floats = array(Float32Array.of(0, 0.5, 1, 0.2), [1, 2, 2], "f4");
    const { splits, cautions } = medmnistSplits(new Map([["train_images", floats]]), "set.npz");
    expect(pixelsOf(splits["train"])).toEqual(Uint8Array.of(0, 128, 255, 51));
    expect(cautions).toHaveLength(1);
  });

  it.each([
    [
      "float images above 1",
      { train_images: array(Float32Array.of(0, 2), [1, 1, 2], "f4") },
      "bad-data",
      "range 0 to 1",
    ],
    [
      "NaN in an image",
      { train_images: array(Float32Array.of(0, 0, 0, NaN), [2, 1, 2], "f4") },
      "not-a-number",
      "image 1",
    ],
    ["16-bit images", { train_images: array(new Uint16Array(4), [1, 2, 2], "u2") }, "bad-data", "u2"],
    ["boolean images", { train_images: array(new Uint8Array(4), [1, 2, 2], "b1") }, "bad-data", "b1"],
    ["four channels", { train_images: array(new Uint8Array(16), [1, 2, 2, 4]) }, "bad-data", "(1, 2, 2, 4)"],
    ["channels first", { train_images: array(new Uint8Array(24), [2, 3, 2, 2]) }, "bad-data", "transpose(0, 2, 3, 1)"],
    ["images without height", { train_images: array(new Uint8Array(0), [2, 0, 2]) }, "bad-data", "(2, 0, 2)"],
    ["flat images", { train_images: array(new Uint8Array(8), [2, 4]) }, "bad-data", "(2, 4)"],
    ["labels without images", { val_labels: labels }, "bad-data", "val_images is missing"],
    [
      "too few labels",
      { train_images: images, train_labels: array(new Uint8Array(1), [1, 1]) },
      "bad-data",
      "1 labels for 2 images",
    ],
    [
      "several labels each that are neither 0 nor 1",
      { train_images: images, train_labels: array(Uint8Array.of(0, 1, 2, 1), [2, 2]) },
      "bad-data",
      "something else than 0 and 1",
    ],
    [
      "NaN labels",
      { train_images: images, train_labels: array(Float64Array.of(0, NaN), [2], "f8") },
      "not-a-number",
      "row 1",
    ],
    [
      "fractional labels",
      { train_images: images, train_labels: array(Float64Array.of(0, 0.5), [2], "f8") },
      "bad-data",
      "a label is no class index",
    ],
    ["other names", { x_train: images }, "bad-data", "x_train"],
    ["an empty archive", {}, "bad-data", "no arrays"],
  ] as [string, Record<string, NumericArray>, string, string][])("refuses %s", async (_, arrays, code, text) => {
    const error = await refused(arrays);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(error.where).toContain("set.npz");
  });
});
