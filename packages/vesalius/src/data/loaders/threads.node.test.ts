/** Batches on worker threads: prepared ahead, from shared memory and from files, and what becomes of their errors. */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { imagesColumn } from "../columns/images.ts";
import { splitOf } from "../columns/columns.test.helper.ts";
import { failure, makeFolder, png } from "../data.test.helper.ts";
import type { Batch, FeedPlan } from "../feeds.ts";
import { openDataset } from "../open-dataset.node.ts";
import type { Split } from "../split.ts";
import { batches } from "./batches.node.ts";

const pixelsPlan = (size: { channels: number; height: number; width: number }, plan: Partial<FeedPlan>): FeedPlan => ({
  parts: { image: { columns: ["image"], encoder: { name: "pixels", ...size, mean: [0], std: [1] } } },
  sampler: { name: "onePass" },
  rows: 1,
  extents: {},
  seed: 5,
  ...plan,
});
const pixelsOf = ({ feeds }: Batch): number[] => [...(feeds.get("image.pixels")!.data as Float32Array)];

const single = { channels: 1, height: 1, width: 1 };
/** Black images of one pixel, and the memory that they lie in. */
function black(length: number): { split: Split; pixels: Uint8Array } {
  const image = imagesColumn(new Uint8Array(length), single);
  if (image.storage.kind !== "memory") throw new TypeError("the images are in memory");
  return { split: splitOf({ image }), pixels: image.storage.pixels };
}

describe("batches on threads", () => {
  it("prepare the steps after the one asked for before they are asked for", async () => {
    const { split, pixels } = black(3);
    const made = await batches(split, pixelsPlan(single, {}), { prefetch: 2 });
    try {
      await made.batch(0);
      // One thread works in order, so with step 2 step 1 is there too, made from the pixels as they were.
      await made.batch(2);
      pixels.fill(255);
      expect(pixelsOf(await made.batch(1))).toEqual([0]);
      expect(pixelsOf(await made.batch(0))).toEqual([1]);
    } finally {
      await made.close();
    }
  });

  it("see the columns' memory instead of a copy", async () => {
    const { split, pixels } = black(2);
    const made = await batches(split, pixelsPlan(single, { rows: 2 }), { prefetch: 0 });
    try {
      expect(pixelsOf(await made.batch(0))).toEqual([0, 0]);
      pixels[1] = 255;
      expect(pixelsOf(await made.batch(0))).toEqual([0, 1]);
    } finally {
      await made.close();
    }
  });

  it("are refused after closing, and rejected where they are on their way", async () => {
    const made = await batches(black(8).split, pixelsPlan(single, {}));
    const onItsWay = failure(() => made.batch(0));
    await made.close();
    expect((await onItsWay).message).toContain("closed");
    expect((await failure(() => made.batch(1))).message).toContain("closed");
  });

  it("are given to several callers at once, and not for steps that there are not", async () => {
    const { split, pixels } = black(5);
    pixels.set([0, 51, 102, 153, 204]);
    const made = await batches(split, pixelsPlan(single, { rows: 2 }), { workers: 2, prefetch: 1 });
    try {
      const together = await Promise.all([2, 0, 1, 0].map((step) => made.batch(step)));
      expect(together.map(({ rows }) => [...rows])).toEqual([
        [4, -1],
        [0, 1],
        [2, 3],
        [0, 1],
      ]);
      for (const step of [3, -1, 0.5]) expect((await failure(() => made.batch(step))).code).toBe("bad-argument");
      expect((await made.batch(0)).size).toBe(2);
    } finally {
      await made.close();
    }
  });
});

describe("batches of image files", () => {
  const size = { channels: 1, height: 4, width: 4 };

  it("are those of images that were decoded before", async () => {
    const files = Array.from({ length: 6 }, async (_, i) => {
      return [`train/${i}.png`, await png(9, 7, 3, (x, y, c) => i * 20 + x * y + c)] as const;
    });
    const folder = await makeFolder(Object.fromEntries(await Promise.all(files)));
    const shape = { size: { height: 4, width: 4 }, channels: 1 };
    const [decoded, encoded] = await Promise.all(
      ["memory", "files"].map(async (storage) => (await openDataset(folder, { ...shape, storage })).splits["train"]!),
    );
    const plan = pixelsPlan(size, { sampler: { name: "shuffled" }, rows: 4 });
    const [reference, made] = [await batches(decoded!, plan, { workers: 0 }), await batches(encoded!, plan)];
    try {
      for (const step of [0, 1, 2]) {
        const [expected, found] = [await reference.batch(step), await made.batch(step)];
        expect(found.rows).toEqual(expected.rows);
        expect(pixelsOf(found)).toEqual(pixelsOf(expected));
      }
    } finally {
      await made.close();
    }
  });

  it.each([0, 1])("say which file went away, and the others are still read (%i threads)", async (workers) => {
    const folder = await makeFolder({
      "train/a.png": await png(4, 4, 1, () => 1),
      "train/b.png": await png(4, 4, 1, () => 2),
    });
    const { splits } = await openDataset(folder, { storage: "files" });
    await rm(join(folder, "train/b.png"));
    const made = await batches(splits["train"]!, pixelsPlan(size, {}), { workers });
    try {
      expect((await made.batch(0)).size).toBe(1);
      expect(await failure(() => made.batch(1))).toMatchObject({
        code: "missing-file",
        where: join(folder, "train/b.png"),
      });
      expect((await made.batch(0)).size).toBe(1);
    } finally {
      await made.close();
    }
  });
});

describe("a program with batches on threads", () => {
  const entry = new URL("../index.node.ts", import.meta.url).href;
  const program = (end: string): string => `
    import { batches, imagesColumn } from ${JSON.stringify(entry)};
    const image = imagesColumn(new Uint8Array(64), { channels: 1, height: 2, width: 2 });
    const ids = Array.from({ length: 16 }, (_, i) => String(i));
    const split = { name: "train", length: 16, ids, groups: undefined, attributes: {}, columns: { image } };
    const plan = ${JSON.stringify(pixelsPlan({ channels: 1, height: 2, width: 2 }, { rows: 4 }))};
    const made = await batches(split, plan);
    console.log((await made.batch(0)).size);
    ${end}`;

  it.each(["await made.close();", "// and forgets to close them"])("ends by itself: %s", async (end) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program(end)], {
      timeout: 40_000,
    });
    expect(stdout.trim()).toBe("4");
  });
});
