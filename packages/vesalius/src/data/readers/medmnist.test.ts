import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { readMedmnist } from "./medmnist.ts";
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

async function refused(arrays: Record<string, NumericArray>) {
  return failure(() => readMedmnist(new Map(Object.entries(arrays)), "set.npz"));
}

describe("readMedmnist", () => {
  it("reads three grey splits with labels (N, 1) and (N,) of several integer types", () => {
    const { splits, cautions } = readMedmnist(fixture("grey.npz"), "grey.npz");
    expect(cautions).toEqual([]);
    expect(splits.train?.images).toMatchObject({ kind: "memory", count: 6, channels: 1, height: 5, width: 4 });
    expect(splits.train?.labels).toEqual(Int32Array.of(0, 1, 2, 0, 1, 2));
    expect(splits.validation?.labels).toEqual(Int32Array.of(2, 1, 0));
    expect(splits.validation?.ids).toEqual(["validation/0", "validation/1", "validation/2"]);
    expect(splits.test?.labels).toEqual(Int32Array.of(0, 1, 2));
  });

  it("moves the channels of colour images to the front", () => {
    const stored = fixture("colour.npz").get("train_images")!.data;
    const source = readMedmnist(fixture("colour.npz"), "colour.npz").splits.train!.images;
    expect(source).toMatchObject({ channels: 3, height: 5, width: 4 });
    if (source.kind !== "memory") throw new Error("an archive is decoded");
    const at = (image: number, channel: number, y: number, x: number): number =>
      source.pixels[((image * 3 + channel) * 5 + y) * 4 + x]!;
    for (const [image, channel, y, x] of [
      [0, 0, 0, 0],
      [1, 2, 3, 1],
      [5, 1, 4, 3],
    ] as const) {
      expect(at(image, channel, y, x)).toBe(stored[((image * 5 + y) * 4 + x) * 3 + channel]);
    }
    expect(source.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("leaves splits and labels out that the archive does not have", () => {
    const { splits } = readMedmnist(new Map([["test_images", images]]), "set.npz");
    expect(Object.keys(splits)).toEqual(["test"]);
    expect(splits.test?.labels).toBeUndefined();
  });

  it("rounds float images in [0, 1] to 8 bits and says so", () => {
    const floats = array(Float32Array.of(0, 0.5, 1, 0.2), [1, 2, 2], "f4");
    const { splits, cautions } = readMedmnist(new Map([["train_images", floats]]), "set.npz");
    expect(splits.train?.images).toMatchObject({ pixels: Uint8Array.of(0, 128, 255, 51) });
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
      "several labels each",
      { train_images: images, train_labels: array(new Uint8Array(4), [2, 2]) },
      "bad-data",
      "several labels",
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
      "0.5",
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
