import { describe, expect, it } from "vitest";
import { failure, makeSplit } from "../data.test.helper.ts";
import type { ImageLoaderOptions } from "./batch-plan.ts";
import { imageLoader, sequentialLoader } from "./image-loader.ts";

const split = makeSplit(5, {
  labels: Int32Array.of(0, 1, 0, 1, 1),
  value: (i) => i * 51,
  shape: { channels: 3, height: 1, width: 1 },
});

describe("imageLoader", () => {
  it("gives normalised rows with the labels and positions of their images", async () => {
    const loader = imageLoader(split, { batchSize: 2, seed: 1, mean: [0.5], std: [0.5] });
    expect([loader.batchSize, loader.stepsPerEpoch]).toEqual([2, 2]);
    const { images, labels, indices, size } = await loader.batch(1);
    expect(size).toBe(2);
    for (const [row, index] of indices.entries()) {
      expect(labels[row]).toBe(split.labels![index]);
      for (let channel = 0; channel < 3; channel++)
        expect(images[row * 3 + channel]).toBeCloseTo((index * 0.2 - 0.5) / 0.5, 6);
    }
  });

  it("normalises channels on their own", async () => {
    const loader = imageLoader(split, { batchSize: 1, seed: 1, shuffle: false, mean: [0, 0.1, 0.2], std: [1, 2, 4] });
    const { images } = await loader.batch(4);
    for (const [channel, value] of [0.8, 0.35, 0.15].entries()) expect(images[channel]).toBeCloseTo(value, 6);
  });

  it("fills batches larger than the split, with new random choices for every copy", async () => {
    const noise = { name: "randomGaussianNoise", probability: 1 } as const;
    const { images, indices, size } = await imageLoader(split, { batchSize: 12, seed: 1, transforms: [noise] }).batch(
      0,
    );
    expect(size).toBe(12);
    expect(new Set(indices.subarray(0, 5)).size).toBe(5);
    const copies = [...indices.entries()].filter(([, index]) => index === 2).map(([row]) => images[row * 3]);
    expect(copies.length).toBeGreaterThanOrEqual(2);
    expect(new Set(copies).size).toBe(copies.length);
  });

  it("gives a step the same batch after other steps, and labels of -1 to unlabelled images", async () => {
    const options: ImageLoaderOptions = { batchSize: 2, seed: 9, transforms: [{ name: "randomIntensity" }] };
    const loader = imageLoader(makeSplit(5), options);
    const first = await loader.batch(3);
    await loader.batch(0);
    expect(await loader.batch(3)).toEqual(first);
    expect(await imageLoader(makeSplit(5), options).batch(3)).toEqual(first);
    expect(first.labels).toEqual(Int32Array.of(-1, -1));
  });

  it("has the shape that the transforms give", async () => {
    const resize = { name: "resize", height: 4, width: 5 } as const;
    expect((await imageLoader(split, { batchSize: 2, seed: 0, transforms: [resize] }).batch(0)).images.length).toBe(
      2 * 3 * 20,
    );
  });

  it.each([
    [{ batchSize: 0, seed: 1 }, "batchSize"],
    [{ batchSize: 2 }, "seed"],
    [{ batchSize: 2, seed: 1, std: [0] }, "std"],
    [{ batchSize: 2, seed: 1, mean: [0, 0] }, "mean has 2 values for images of 3 channels"],
    [{ batchSize: 2, seed: 1, transforms: [{ name: "rotate" }] }, "transforms.0.name"],
    [{ batchSize: 2, seed: 1, transform: [] }, "transform"],
  ])("refuses the options %j", async (options, text) => {
    const error = await failure(() => imageLoader(split, options as ImageLoaderOptions));
    expect(error.code).toBe("bad-argument");
    expect(error.message).toContain(text);
  });

  it("refuses empty splits, image files, and use after closing", async () => {
    expect((await failure(() => imageLoader(makeSplit(0), { batchSize: 2, seed: 0 }))).message).toContain(
      "without images",
    );
    const files = { ...split, images: { kind: "files", paths: ["a"], channels: 1, height: 1, width: 1 } as const };
    expect((await failure(() => imageLoader(files, { batchSize: 2, seed: 0 }))).fix).toContain("storage");
    const loader = imageLoader(split, { batchSize: 2, seed: 0 });
    await loader.close();
    expect((await failure(() => loader.batch(0))).message).toContain("closed");
  });

  it("adds up the time that callers waited", async () => {
    const loader = imageLoader(split, { batchSize: 2, seed: 0 });
    await loader.batch(0);
    await loader.batch(1);
    expect(loader.wait.batches).toBe(2);
    expect(loader.wait.seconds).toBeGreaterThan(0);
  });
});

describe("sequentialLoader", () => {
  it("pads the last batch with its last image, marked as no image", async () => {
    const loader = sequentialLoader(split, { batchSize: 3 });
    expect(loader.stepsPerEpoch).toBe(2);
    expect((await loader.batch(0)).indices).toEqual(Int32Array.of(0, 1, 2));
    const last = await loader.batch(1);
    expect(last).toMatchObject({ size: 2, labels: Int32Array.of(1, 1, -1), indices: Int32Array.of(3, 4, -1) });
    expect(last.images.subarray(6)).toEqual(last.images.subarray(3, 6));
    expect((await failure(() => loader.batch(2))).code).toBe("bad-argument");
  });
});
