import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dataFolder, failure, makeFolder, npz, png } from "./data.test.helper.ts";
import { openDataset } from "./open-dataset.node.ts";
import type { OpenDatasetOptions } from "./open-dataset.node.ts";

const fixtures = new URL("../../fixtures/npz/", import.meta.url);
const card = (content: object): string => JSON.stringify({ name: "set", ...content });

/** Distinct grey images by file name. */
async function greys(names: readonly string[], side = 3): Promise<Record<string, Buffer>> {
  const files = names.map(async (name, i) => [name, await png(side, side, 1, (x, y) => i * 11 + x + y)] as const);
  return Object.fromEntries(await Promise.all(files));
}

async function refused(files: Record<string, string | Uint8Array>, options?: OpenDatasetOptions) {
  const folder = await makeFolder(files);
  return failure(() => openDataset(folder, options));
}

describe("openDataset on an npz archive", () => {
  it("opens the file alone, naming classes by index", async () => {
    const dataset = await openDataset(new URL("grey.npz", fixtures).pathname);
    expect(dataset).toMatchObject({ name: "grey", labels: ["0", "1", "2"], channels: 1, height: 5, width: 4 });
    expect([dataset.train.length, dataset.validation?.length, dataset.test?.length]).toEqual([6, 3, 3]);
    expect(new Set(dataset.train.fingerprints).size).toBe(6);
  });

  it("opens a folder with dataset.json, at another size and number of channels", async () => {
    const folder = await makeFolder({
      "images.npz": await readFile(new URL("colour.npz", fixtures)),
      "dataset.json": card({ labels: { "0": "a", "1": "b", "2": "c" }, licence: "CC0", extra: [1] }),
    });
    const dataset = await openDataset(folder, { size: { height: 2, width: 2 }, channels: 1 });
    expect(dataset).toMatchObject({ name: "set", labels: ["a", "b", "c"], channels: 1, height: 2, width: 2 });
    expect(dataset.card).toMatchObject({ licence: "CC0", extra: [1] });
    expect(dataset.train.images).toMatchObject({ count: 6, channels: 1, height: 2, width: 2 });
  });

  it("finds a training image that validation repeats, and drops it when told", async () => {
    const archive = npz({
      train_images: [Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 1, 2]],
      train_labels: [Uint8Array.of(0, 1, 1), [3]],
      val_images: [Uint8Array.of(3, 4), [1, 1, 2]],
      val_labels: [Uint8Array.of(1), [1]],
    });
    const error = await refused({ "x.npz": archive });
    expect(error.code).toBe("data-leakage");
    expect(error.message).toContain("train/1 (train) and validation/0 (validation)");
    const dataset = await openDataset(await makeFolder({ "x.npz": archive }), { leakage: "drop-from-train" });
    expect(dataset.train.ids).toEqual(["train/0", "train/2"]);
    // Both images shrink to one grey value; what counts is that they were stored with different bytes.
    const small = await openDataset(await makeFolder({ "x.npz": archive }), {
      leakage: "drop-from-train",
      size: { height: 1, width: 1 },
    });
    expect(small.train.length).toBe(2);
  });

  it.each([
    ["labels outside the named classes", { labels: { "0": "a", "1": "b" } }, {}, "bad-data", "label 2"],
    ["names with a gap", { labels: { "0": "a", "2": "c" } }, {}, "bad-configuration", "index 1"],
    ["classes without a training image", {}, { labels: ["a", "b", "c", "d"] }, "bad-data", "class d"],
    ["a wrong type in dataset.json", { cautions: "none" }, {}, "bad-configuration", "cautions"],
    ["an unknown option", {}, { shuffle: true }, "bad-argument", "shuffle"],
    ["a size of zero", {}, { size: { height: 0, width: 4 } }, "bad-argument", "size.height"],
    ["two channels", {}, { channels: 2 }, "bad-argument", "channels"],
    ["an archive above the limit", {}, { maxBytes: 100 }, "bad-file", "100 bytes"],
  ] as [string, object, OpenDatasetOptions, string, string][])(
    "refuses %s",
    async (_, description, options, code, text) => {
      const archive = await readFile(new URL("grey.npz", fixtures));
      const error = await refused({ "x.npz": archive, "dataset.json": card(description) }, options);
      expect(error.code).toBe(code);
      expect(error.message).toContain(text);
    },
  );

  it("refuses a truncated archive, two archives, and other files", async () => {
    const archive = await readFile(new URL("grey.npz", fixtures));
    expect((await refused({ "x.npz": archive.subarray(0, 700) })).message).toContain("truncated");
    expect((await refused({ "x.npz": archive, "y.npz": archive })).message).toContain("x.npz, y.npz");
    expect((await refused({ "x.npz": archive, "dataset.json": "{" })).message).toContain("not JSON");
    const folder = await makeFolder({ "x.txt": "x" });
    expect((await failure(() => openDataset(join(folder, "x.txt")))).message).toContain("an .npz file or a folder");
    expect((await failure(() => openDataset(join(folder, "absent")))).code).toBe("missing-file");
  });
});

describe("openDataset on image files", () => {
  it("opens a label table, decoded or file by file, with the same columns", async () => {
    const table =
      "file,label,split,group,age\na.png,pneumonia,train,p1,30\nb.png,normal,train,p2,\nc.png,1,val,p3,50\n";
    const folder = await makeFolder({ ...(await greys(["a.png", "b.png", "c.png"])), "labels.csv": table });
    const decoded = await openDataset(folder, { labels: ["normal", "pneumonia"] });
    expect(decoded.train).toMatchObject({
      ids: ["a.png", "b.png"],
      labels: Int32Array.of(1, 0),
      groups: ["p1", "p2"],
      attributes: { age: [30, null] },
      images: { kind: "memory", pixels: Uint8Array.of(0, 1, 2, 1, 2, 3, 2, 3, 4, 11, 12, 13, 12, 13, 14, 13, 14, 15) },
    });
    expect(decoded.validation).toMatchObject({ labels: Int32Array.of(1), attributes: { age: [50] } });
    const files = await openDataset(folder, { labels: ["normal", "pneumonia"], storage: "files" });
    expect(files.train.images).toEqual({
      kind: "files",
      paths: [join(folder, "a.png"), join(folder, "b.png")],
      channels: 1,
      height: 3,
      width: 3,
    });
    const automatic = await openDataset(folder, { labels: ["normal", "pneumonia"], maxBytes: 20 });
    expect(automatic.train.images.kind).toBe("files");
  });

  it("opens class folders, with classes by name", async () => {
    const folder = await makeFolder(await greys(["train/b/1.png", "train/a/2.png", "test/b/3.png"]));
    const dataset = await openDataset(folder);
    expect(dataset).toMatchObject({ labels: ["a", "b"], validation: undefined });
    expect(dataset.train).toMatchObject({
      ids: ["train/a/2.png", "train/b/1.png"],
      labels: Int32Array.of(0, 1),
      groups: undefined,
    });
    expect(dataset.test?.labels).toEqual(Int32Array.of(1));
  });

  it("finds copies across splits in either storage", async () => {
    const [same, other] = Object.values(await greys(["x", "y"]));
    const files = { "train/a/1.png": same!, "train/b/2.png": other!, "val/a/3.png": same! };
    for (const storage of ["memory", "files"] as const) {
      const error = await refused(files, { storage });
      expect(error.code).toBe("data-leakage");
      expect(error.message).toContain("train/a/1.png (train) and val/a/3.png (validation)");
    }
  });

  it("wants a choice where sizes or channels differ", async () => {
    const mixed = { "train/a.png": await png(3, 3, 1, (x) => x), "train/b.png": await png(4, 3, 3, (x) => x) };
    expect((await refused(mixed)).message).toContain("1 images are grey and 1 are colour");
    expect((await refused(mixed, { channels: 3 })).message).toContain("3x3, 3x4");
    const dataset = await openDataset(await makeFolder(mixed), { channels: 3, size: { height: 2, width: 2 } });
    expect(dataset).toMatchObject({ labels: [], channels: 3, height: 2, width: 2 });
  });

  it.each(["memory", "files"] as const)("refuses damaged, missing and wrongly labelled files (%s)", async (storage) => {
    const good = await greys(["a.png"]);
    const cases = [
      [{ ...good, "b.png": "x", "labels.csv": "file\na.png\nb.png\n" }, "bad-file", "b.png"],
      [{ ...good, "labels.csv": "file\na.png\nb.png\n" }, "missing-file", "b.png"],
      [
        { ...good, "b.png": await png(3, 3, 4, () => 9), "labels.csv": "file\na.png\nb.png\n" },
        "bad-data",
        "4 channels",
      ],
      [
        { ...good, "labels.csv": "file,label\na.png,flu\n", "dataset.json": card({ labels: { "0": "normal" } }) },
        "bad-data",
        "not among the 1 classes",
      ],
    ] as const;
    for (const [files, code, text] of cases) {
      const error = await refused(files, { storage });
      expect(error.code).toBe(code);
      expect(error.message).toContain(text);
    }
  });

  it("opens a set without training images for evaluation only", async () => {
    const files = await greys(["test/a/1.png", "test/b/2.png"]);
    expect((await refused(files)).fix).toContain("allowMissingTrain");
    const dataset = await openDataset(await makeFolder(files), { allowMissingTrain: true });
    expect([dataset.train.length, dataset.test?.length]).toEqual([0, 2]);
  });
});

describe.skipIf(dataFolder === undefined)(
  "openDataset on real sets (set VESALIUS_DATA to the data folder to run)",
  () => {
    const open = (name: string, options?: OpenDatasetOptions) => openDataset(join(dataFolder!, "open", name), options);

    it("opens PneumoniaMNIST with the counts of its description", async () => {
      const dataset = await open("pneumoniamnist");
      expect(dataset).toMatchObject({
        labels: ["normal", "pneumonia"],
        channels: 1,
        height: 28,
        width: 28,
        test: undefined,
      });
      expect([dataset.train.length, dataset.validation!.length]).toEqual([4698, 524]);
      const positives = (labels: Int32Array | undefined) => labels!.reduce((sum, label) => sum + label, 0);
      expect([positives(dataset.train.labels), positives(dataset.validation!.labels)]).toEqual([3484, 389]);
      // numpy counts 16 images of the training split that occur twice.
      expect(new Set(dataset.train.fingerprints).size).toBe(4698 - 16);
    });

    it("opens MedNIST, BCCD and the nuclei of the Data Science Bowl", async () => {
      const mednist = await open("mednist");
      expect([mednist.labels.length, mednist.height, mednist.train.length, mednist.validation!.length]).toEqual([
        6, 64, 2400, 600,
      ]);
      const cells = await open("bccd", { storage: "files" });
      expect([cells.channels, cells.height, cells.width, cells.train.length, cells.validation!.length]).toEqual([
        3, 240, 320, 204, 87,
      ]);
      const nuclei = await open("dsb2018", { channels: 3 });
      expect([nuclei.train.length, nuclei.validation!.length, nuclei.train.groups!.length]).toEqual([120, 30, 120]);
    });
  },
);
