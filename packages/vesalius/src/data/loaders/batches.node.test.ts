import { describe, expect, it } from "vitest";
import { batches as batchesInThreads } from "./batches.node.ts";
import { batches } from "./batches.ts";
import { classesColumn } from "../columns/classes.ts";
import { imagesColumn } from "../columns/images.ts";
import { textsColumn } from "../columns/texts.ts";
import type { Batch, FeedPlan } from "../feeds.ts";
import type { Split } from "../split.ts";
import { randomStream } from "../../common/random.ts";

const count = 23;
const size = { channels: 1, height: 6, width: 5 };

function pixels(): Uint8Array {
  const stream = randomStream(3, "pixels");
  return Uint8Array.from({ length: count * 30 }, () => stream.integer(256));
}

function splitOf(columns: Split["columns"], length = count): Split {
  const ids = Array.from({ length }, (_, row) => `case ${row}`);
  return { name: "train", length, ids, groups: undefined, attributes: {}, columns };
}

const labels = Array.from({ length: count }, (_, row) => row % 3);
const images = splitOf({
  image: imagesColumn(pixels(), size),
  label: classesColumn(["a", "b", "c"], labels),
});
const transforms = [{ name: "randomResizedCrop", scale: [0.5, 1] }, { name: "randomFlip" }];
const plan: FeedPlan = {
  parts: {
    image: { columns: ["image"], transforms, encoder: { name: "pixels", ...size, mean: [0.4], std: [0.3] } },
    target: { columns: ["label"], encoder: { name: "classes" }, target: true },
  },
  sampler: { name: "shuffled" },
  rows: 4,
  extents: {},
  seed: 9,
};

const dataOf = ({ feeds, ...rest }: Batch) => ({
  ...rest,
  feeds: Object.fromEntries([...feeds].map(([name, { data }]) => [name, Array.from(data as Float32Array)])),
});

describe("batches", () => {
  it.each([
    [0, [13, 4, 6, 11], [1, 1, 0, 2], [1.790849686, 1.450980425, -0.90196079, 49.602182]],
    [3, [1, 2, 19, 21], [1, 2, 1, 0], [0.169934645, -1.09803915, 1.856209159, 36.699785]],
    [11, [9, 20, 1, 18], [0, 2, 1, 0], [-0.352941126, -0.431372494, 0.549019694, 39.635078]],
  ])("have the order, crops and pixels of published runs in step %i", async (step, rows, labels, shown) => {
    const { feeds, rows: found } = await (await batches(images, plan)).batch(step);
    expect([...found]).toEqual(rows);
    expect([...feeds.get("target.classes")!.data]).toEqual(labels);
    const data = feeds.get("image.pixels")!.data as Float32Array;
    [data[0]!, data[59]!, data[119]!, data.reduce((sum, value) => sum + value, 0)].forEach((value, i) =>
      expect(value).toBeCloseTo(shown[i]!, 5),
    );
  });

  it("are the same in every bit on threads, in any order of asking", async () => {
    const here = await batches(images, plan);
    for (const workers of [1, 3]) {
      const there = await batchesInThreads(images, plan, { workers });
      for (const step of [0, 1, 2, 17, 4])
        expect(dataOf(await there.batch(step))).toEqual(dataOf(await here.batch(step)));
      expect(there.wait.batches).toBe(5);
      await there.close();
      await expect(there.batch(0)).rejects.toThrow(/closed/);
    }
  });

  it("pads the last batch of one pass with rows that are marked as none", async () => {
    const once = await batches(images, { ...plan, sampler: { name: "onePass" } });
    expect(once.steps).toBe(6);
    const last = await once.batch(5);
    expect(last.size).toBe(3);
    expect([...last.rows]).toEqual([20, 21, 22, -1]);
    const shown = last.feeds.get("image.pixels")!.data as Float32Array;
    expect(shown.slice(90, 120)).toEqual(shown.slice(60, 90));
    await expect(once.batch(6)).rejects.toThrow(/no batch for step 6/);
  });

  it("says which example lacks a value, unless the part can do without", async () => {
    const missing = splitOf({
      ...images.columns,
      label: classesColumn(["a", "b"], [0, null, ...labels.slice(2).map(() => 1)]),
    });
    const sampled = { ...plan, sampler: { name: "inOrder" } };
    await expect((await batches(missing, sampled)).batch(0)).rejects.toThrow(/has no label.*row 1/);
    const optional = { ...plan.parts["target"]!, optional: true };
    const made = await batches(missing, { ...sampled, parts: { ...plan.parts, target: optional } });
    const { feeds } = await made.batch(0);
    expect([...(feeds.get("target.present")!.data as Float32Array)]).toEqual([1, 0, 1, 1]);
    expect(made.inputs("")).toMatchObject({ "target.present": { dtype: "float32", shape: [4] } });
  });

  it("refuses what it cannot read before any batch is made", async () => {
    const text = splitOf({ image: textsColumn(Array<string>(count).fill("x")), label: images.columns["label"]! });
    await expect(batches(text, plan)).rejects.toThrow(/column image holds texts, image \(pixels\) reads images/);
    await expect(batches(splitOf({}), plan)).rejects.toThrow(/no column image/);
    await expect(batches(splitOf({}, 0), plan)).rejects.toThrow(/without examples/);
    const unknown = { ...plan, parts: { image: { columns: ["image"], encoder: { name: "voxel" } } } };
    await expect(batches(images, unknown)).rejects.toThrow(/no encoder called voxel/);
  });

  it("are filled from a split that is smaller, each copy changed anew", async () => {
    const part = { ...plan.parts["image"]!, transforms: [{ name: "randomGaussianNoise", probability: 1 }] };
    const made = await batches(images, { ...plan, parts: { image: part }, rows: 60 });
    const { feeds, rows, size: filled } = await made.batch(0);
    expect(filled).toBe(60);
    expect(new Set(rows.subarray(0, count)).size).toBe(count);
    const data = feeds.get("image.pixels")!.data as Float32Array;
    const copies = [...rows.entries()].filter(([, row]) => row === 2).map(([at]) => data[at * 30]);
    expect(copies.length).toBeGreaterThanOrEqual(2);
    expect(new Set(copies).size).toBe(copies.length);
  });

  it("draws rare classes as often as common ones when it is told to", async () => {
    const rare = splitOf({
      ...images.columns,
      label: classesColumn(
        ["common", "rare"],
        labels.map((_, row) => (row === 7 ? 1 : 0)),
      ),
    });
    const made = await batches(rare, { ...plan, sampler: { name: "weighted" }, rows: 20 });
    let drawn = 0;
    for (let step = 0; step < 50; step++)
      drawn += (await made.batch(step)).rows.reduce((sum, row) => sum + (row === 7 ? 1 : 0), 0);
    // 1,000 draws with chance a half: more than five deviations from 500 would be a mistake.
    expect(Math.abs(drawn - 500)).toBeLessThan(80);
  });
});
