import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { failure, makeFolder, makeSplit, png } from "../data.test.helper.ts";
import { openDataset } from "../open-dataset.node.ts";
import type { ImageLoaderOptions } from "./batch-plan.ts";
import { imageLoader as inThread } from "./image-loader.ts";
import { imageLoader, sequentialLoader } from "./image-loader.node.ts";

const split = makeSplit(40, {
  labels: Int32Array.from({ length: 40 }, (_, i) => i % 3),
  value: (i) => i * 6,
  shape: { channels: 1, height: 8, width: 8 },
});
const options: ImageLoaderOptions = {
  batchSize: 8,
  seed: 5,
  transforms: [
    { name: "randomResizedCrop", scale: [0.5, 1] },
    { name: "randomFlip" },
    { name: "randomRotation" },
    { name: "randomIntensity", gamma: [0.8, 1.2] },
    { name: "randomGaussianNoise" },
  ],
  mean: [0.4],
  std: [0.2],
};

describe("imageLoader on worker threads", () => {
  it.each([
    { workers: 1, prefetch: 4 },
    { workers: 3, prefetch: 2 },
    { workers: 2, prefetch: 0 },
  ])(
    "gives the bits of the loader without threads ($workers threads, $prefetch ahead), also after jumps",
    async (threads) => {
      const loader = imageLoader(split, { ...options, ...threads });
      const reference = inThread(split, options);
      try {
        expect(loader.stepsPerEpoch).toBe(reference.stepsPerEpoch);
        for (const step of [0, 1, 2, 3, 100, 101, 2, 3, 3])
          expect(await loader.batch(step)).toEqual(await reference.batch(step));
        const together = await Promise.all([7, 5, 6].map((step) => loader.batch(step)));
        expect(together).toEqual(await Promise.all([7, 5, 6].map((step) => reference.batch(step))));
        expect(loader.wait.batches).toBe(12);
      } finally {
        await loader.close();
      }
    },
  );

  it("prepares the steps after the one asked for before they are asked for", async () => {
    const source = makeSplit(3, { shape: { channels: 1, height: 1, width: 1 }, value: () => 0 });
    const loader = sequentialLoader(source, { batchSize: 1, prefetch: 2 });
    try {
      await loader.batch(0);
      // One thread works in order, so with step 2 step 1 is there too, made from the pixels as they were.
      await loader.batch(2);
      if (source.images.kind === "memory") source.images.pixels.fill(255);
      expect([...(await loader.batch(1)).images]).toEqual([0]);
      expect([...(await loader.batch(0)).images]).toEqual([1]);
    } finally {
      await loader.close();
    }
  });

  it("shares the pixels with its threads instead of copying them", async () => {
    const source = makeSplit(2, { shape: { channels: 1, height: 1, width: 1 }, value: () => 0 });
    const loader = sequentialLoader(source, { batchSize: 2, prefetch: 0 });
    try {
      expect([...(await loader.batch(0)).images]).toEqual([0, 0]);
      if (source.images.kind === "memory") source.images.pixels[1] = 255;
      expect([...(await loader.batch(0)).images]).toEqual([0, 1]);
    } finally {
      await loader.close();
    }
  });

  it("refuses batches after closing, and rejects those on their way", async () => {
    const loader = imageLoader(split, options);
    const onItsWay = failure(() => loader.batch(0));
    await loader.close();
    expect((await onItsWay).message).toContain("closed");
    expect((await failure(() => loader.batch(1))).message).toContain("closed");
  });

  it("refuses steps that there are not", async () => {
    const loader = sequentialLoader(split, { batchSize: 16 });
    try {
      expect((await loader.batch(2)).size).toBe(8);
      for (const step of [3, -1, 0.5]) expect((await failure(() => loader.batch(step))).code).toBe("bad-argument");
      expect((await loader.batch(0)).size).toBe(16);
    } finally {
      await loader.close();
    }
  });
});

describe("imageLoader on image files", () => {
  it("decodes in its thread to the same batches as images decoded before", async () => {
    const files = await Promise.all(
      Array.from(
        { length: 6 },
        async (_, i) => [`train/${i}.png`, await png(9, 7, 3, (x, y, c) => i * 20 + x * y + c)] as const,
      ),
    );
    const folder = await makeFolder(Object.fromEntries(files));
    const shape = { size: { height: 4, width: 4 }, channels: 1 } as const;
    const decoded = await openDataset(folder, { ...shape, storage: "memory" });
    const encoded = await openDataset(folder, { ...shape, storage: "files" });
    const loader = imageLoader(encoded.train, { ...options, batchSize: 4 });
    try {
      const reference = inThread(decoded.train, { ...options, batchSize: 4 });
      for (const step of [0, 1, 2]) expect(await loader.batch(step)).toEqual(await reference.batch(step));
    } finally {
      await loader.close();
    }
  });

  it.each([0, 1])(
    "rejects the batch of a file that went away, with code, place and advice (%i threads)",
    async (workers) => {
      const folder = await makeFolder({
        "train/a.png": await png(2, 2, 1, () => 1),
        "train/b.png": await png(2, 2, 1, () => 2),
      });
      const dataset = await openDataset(folder, { storage: "files" });
      await rm(join(folder, "train/b.png"));
      const loader = sequentialLoader(dataset.train, { batchSize: 1, workers });
      try {
        expect((await loader.batch(0)).size).toBe(1);
        const error = await failure(() => loader.batch(1));
        expect(error.code).toBe("missing-file");
        expect(error.where).toBe(join(folder, "train/b.png"));
        expect((await loader.batch(0)).size).toBe(1);
      } finally {
        await loader.close();
      }
    },
  );
});

describe("a program with a loader", () => {
  const entry = new URL("../index.node.ts", import.meta.url).href;
  const program = (end: string): string => `
    import { imageLoader, memoryImages } from ${JSON.stringify(entry)};
    const images = memoryImages(new Uint8Array(64), { channels: 1, height: 2, width: 2 });
    const ids = Array.from({ length: 16 }, (_, i) => String(i));
    const split = { name: "train", length: 16, ids, labels: undefined, groups: undefined, attributes: {}, images };
    const loader = imageLoader(split, { batchSize: 4, seed: 1 });
    console.log((await loader.batch(0)).size);
    ${end}`;

  it.each(["await loader.close();", "// and forgets to close it"])("ends by itself: %s", async (end) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program(end)], {
      timeout: 20_000,
    });
    expect(stdout.trim()).toBe("4");
  });
});
