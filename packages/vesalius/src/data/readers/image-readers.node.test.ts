import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { failure, makeFolder, npz, png } from "../data.test.helper.ts";
import { crc32 } from "../files/crc32.ts";
import { openDataset, type OpenDatasetOptions } from "../open-data.node.ts";
import type { Split } from "../split.ts";

const fixtures = new URL("../../../fixtures/npz/", import.meta.url);
const card = (content: object): string => JSON.stringify({ name: "set", ...content });

/** Distinct grey images by file name. */
async function greys(names: readonly string[], side = 3): Promise<Record<string, Buffer>> {
  const files = names.map(async (name, i) => [name, await png(side, side, 1, (x, y) => i * 11 + x + y)] as const);
  return Object.fromEntries(await Promise.all(files));
}
const open = async (files: Record<string, string | Uint8Array>, options?: OpenDatasetOptions) =>
  openDataset(await makeFolder(files), options);
const refused = async (files: Record<string, string | Uint8Array>, options?: OpenDatasetOptions) =>
  failure(() => open(files, options));
const labelsOf = (split: Split | undefined) => {
  const { names, values } = columnOf(split!, "label", "classes");
  return Array.from(values, (value) => names[value]);
};
const imageOf = (split: Split | undefined) => columnOf(split!, "image", "images");

describe("medmnist", () => {
  it("opens the file alone, naming classes by index", async () => {
    const { name, splits, unit } = await openDataset(new URL("grey.npz", fixtures).pathname);
    expect([name, unit, Object.keys(splits)]).toEqual(["grey", "images", ["train", "validation", "test"]]);
    expect(imageOf(splits["train"])).toMatchObject({ length: 6, storage: { channels: 1, height: 5, width: 4 } });
    expect(labelsOf(splits["validation"])).toEqual(["2", "1", "0"]);
    expect(new Set(imageOf(splits["train"]).hashes).size).toBe(6);
    expect(splits["test"]!.ids[2]).toBe("test/2");
  });

  it("opens a folder with dataset.json at another size and number of channels, and says what that loses", async () => {
    const dataset = await open(
      {
        "images.npz": await readFile(new URL("colour.npz", fixtures)),
        "dataset.json": card({ labels: ["a", "b", "c"], licence: "CC0", extra: [1] }),
      },
      { size: { height: 2, width: 2 }, channels: 1 },
    );
    expect(dataset.card).toMatchObject({ licence: "CC0", extra: [1] });
    expect(imageOf(dataset.splits["train"]).storage).toMatchObject({ channels: 1, height: 2, width: 2 });
    expect(labelsOf(dataset.splits["train"])).toEqual(["a", "b", "c", "a", "b", "c"]);
    expect(dataset.card.cautions[0]).toContain("4 x 5 colour read as 2 x 2 grey");
  });

  it("finds a training image that validation repeats, and drops it when told", async () => {
    const archive = npz({
      train_images: [Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 1, 2]],
      train_labels: [Uint8Array.of(0, 1, 1), [3]],
      val_images: [Uint8Array.of(3, 4), [1, 1, 2]],
      val_labels: [Uint8Array.of(1), [1]],
      notes: [Uint8Array.of(1), [1]],
    });
    const error = await refused({ "x.npz": archive });
    expect(error.code).toBe("data-leakage");
    expect(error.message).toContain("train/1 (train) and validation/0 (validation)");
    // All shrink to grey values that could be equal; what counts is what was stored.
    const small = await open({ "x.npz": archive }, { leakage: "drop-from-train", size: { height: 1, width: 1 } });
    expect(small.splits["train"]!.ids).toEqual(["train/0", "train/2"]);
  });

  it("reads several labels at once", async () => {
    const { splits } = await open({
      "x.npz": npz({
        train_images: [Uint8Array.of(1, 2), [2, 1, 1]],
        train_labels: [Uint8Array.of(1, 0, 1, 1), [2, 2]],
      }),
      "dataset.json": card({ labels: ["effusion", "mass"] }),
    });
    expect(columnOf(splits["train"]!, "label", "labels")).toMatchObject({
      names: ["effusion", "mass"],
      values: Int8Array.of(1, 0, 1, 1),
    });
  });

  it.each([
    ["labels outside the named classes", { labels: { "0": "a", "1": "b" } }, {}, "bad-data", "label 2"],
    ["names with a gap", { labels: { "0": "a", "2": "c" } }, {}, "bad-configuration", "index 1"],
    ["classes without a training image", {}, { labels: ["a", "b", "c", "d"] }, "bad-data", "class d"],
    ["a wrong type in dataset.json", { cautions: "none" }, {}, "bad-configuration", "cautions"],
    ["an option that the reader does not have", {}, { shuffle: true }, "bad-argument", "shuffle"],
    ["a size of zero", {}, { size: { height: 0, width: 4 } }, "bad-argument", "size.height"],
    ["an archive above the limit", {}, { maxBytes: 1500 }, "bad-file", "bytes"],
    ["a file above the limit", {}, { maxBytes: 100 }, "bad-data", "limit"],
  ] as [string, object, OpenDatasetOptions, string, string][])(
    "refuses %s",
    async (_, description, options, code, text) => {
      const archive = await readFile(new URL("grey.npz", fixtures));
      const error = await refused({ "x.npz": archive, "dataset.json": card(description) }, options);
      expect(error.code).toBe(code);
      expect(error.message).toContain(text);
    },
  );

  it("refuses a label that no set of this size can have, at once", async () => {
    const hostile = npz({
      train_images: [Uint8Array.of(1, 2), [2, 1, 1]],
      train_labels: [Int32Array.of(0, 2_147_483_646), [2]],
    });
    expect((await refused({ "x.npz": hostile })).message).toContain("2 images");
  });
});

describe("imageFolder", () => {
  it("opens class folders of any case, following links, and counts what is left out", async () => {
    const folder = await makeFolder({
      ...(await greys(["Training/b/1.png", "Training/a/2.png", "Testing/b/3.png", "elsewhere/c/4.png"])),
      "Training/a/Thumbs.db": "x",
      "Training/a/notes.txt": "x",
      "__MACOSX/Training/a/2.png": "x",
    });
    await symlink(join(folder, "elsewhere/c"), join(folder, "Training/c"));
    const { splits, card: made } = await openDataset(folder);
    expect(splits["train"]!.ids).toEqual(["Training/a/2.png", "Training/b/1.png", "Training/c/4.png"]);
    expect(labelsOf(splits["train"])).toEqual(["a", "b", "c"]);
    expect(labelsOf(splits["test"])).toEqual(["b"]);
    expect(made.cautions.join(" ")).toContain("1 files .txt are no images");
  });

  it("refuses links that lead outside the dataset", async () => {
    const folder = await makeFolder(await greys(["train/a/1.png"]));
    const other = await makeFolder(await greys(["x.png"]));
    await symlink(other, join(folder, "train/b"));
    const error = await failure(() => openDataset(folder));
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain("outside");
  });

  it("divides class folders without splits when told", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `${i % 2 ? "ill" : "well"}/${i}.png`);
    const files = await greys(names);
    expect(Object.keys((await open(files)).splits)).toEqual(["train"]);
    const { splits, card: made } = await open(files, { split: "80/20", seed: 1 });
    expect([splits["train"]!.length, splits["validation"]!.length]).toEqual([16, 4]);
    expect(labelsOf(splits["validation"]).filter((label) => label === "ill")).toHaveLength(2);
    expect(made.cautions.at(-1)).toContain("80/20");
  });

  it("reads images without classes as unlabelled", async () => {
    const { splits } = await open(await greys(["a.png", "b.png"]));
    expect(Object.keys(splits["train"]!.columns)).toEqual(["image"]);
    expect(splits["train"]!.ids).toEqual(["a.png", "b.png"]);
  });

  it("keeps images of several shapes as files, and wants a choice to decode them", async () => {
    const mixed = { "train/a.png": await png(3, 3, 1, (x) => x), "train/b.png": await png(4, 3, 3, (x) => x) };
    expect(imageOf((await open(mixed)).splits["train"]).storage).toMatchObject({
      kind: "files",
      sizes: [
        [1, 3, 3],
        [3, 3, 4],
      ],
    });
    expect((await refused(mixed, { storage: "memory" })).message).toContain("3 x 3 grey, 4 x 3 colour");
    const same = await open(mixed, { channels: 3, size: { height: 2, width: 2 }, storage: "memory" });
    expect(imageOf(same.splits["train"]).storage).toMatchObject({ kind: "memory", channels: 3, height: 2, width: 2 });
  });

  it.each([
    ["a training class without images", { "train/a/1.png": "", "train/b/notes.txt": "" }, "no images"],
    ["a split without images", { "train/a/1.png": "", "val/a/notes.txt": "" }, "validation split holds no images"],
    ["images below a class folder", { "train/a/1.png": "", "train/b/patient 1/2.png": "" }, "folders inside it"],
    ["images beside class folders", { "train/a/1.png": "", "train/2.png": "" }, "beside"],
    ["two folders for one split", { "train/1.png": "", "val/2.png": "", "valid/3.png": "" }, "train, val, valid"],
    ["a damaged image", { "train/a/1.png": "x" }, "cannot be decoded"],
  ] as [string, Record<string, string>, string][])("refuses %s", async (_, files, text) => {
    expect((await refused(files)).message).toContain(text);
  });
});

describe("labelsCsv", () => {
  const table = "file,label,split,group,age\na.png,ill,train,p1,30\nb.png,well,train,p2,\nc.png,1,val,p3,50\n";

  it("opens a table, decoded or file by file, with the same values", async () => {
    const files = { ...(await greys(["a.png", "b.png", "c.png"])), "labels.csv": table };
    const folder = await makeFolder(files);
    const labels = ["well", "ill"];
    const decoded = await openDataset(folder, { labels });
    expect(decoded.splits["train"]).toMatchObject({
      ids: ["a.png", "b.png"],
      groups: ["p1", "p2"],
      attributes: { age: [30, null] },
    });
    expect(labelsOf(decoded.splits["train"])).toEqual(["ill", "well"]);
    expect(labelsOf(decoded.splits["validation"])).toEqual(["ill"]);
    const encoded = await openDataset(folder, { labels, storage: "files" });
    expect(imageOf(encoded.splits["train"]).storage).toMatchObject({
      paths: [join(folder, "a.png"), join(folder, "b.png")],
    });
    const values = (split: Split | undefined) => readExamples(split!, ["image"], [0, 1]);
    expect(await values(encoded.splits["train"])).toEqual(await values(decoded.splits["train"]));
  });

  it.each([
    ["semicolons", table.replaceAll(",", ";")],
    ["tabs", table.replaceAll(",", "\t")],
    [
      "other case and an index",
      `,File,Label,Split,Group,Age\n${table
        .split("\n")
        .slice(1, 4)
        .map((line, i) => `${i},${line}`)
        .join("\n")}`,
    ],
    ["a byte order mark and a comment", `# exported\n${table}`],
    ["UTF-16", new Uint8Array(Buffer.from(`\uFEFF${table}`, "utf16le"))],
    ["backslashes", table.replaceAll(/(\w)\.png/g, "img\\$1.png")],
    ["a column image_path and splits with capitals", table.replace("file", "image_path").replaceAll("train", "Train")],
  ])("reads %s", async (_, text) => {
    const files = {
      ...(await greys(["a.png", "b.png", "c.png", "img/a.png", "img/b.png", "img/c.png"])),
      "labels.csv": text,
    };
    const { splits } = await open(files, { labels: ["well", "ill"] });
    expect([splits["train"]!.length, labelsOf(splits["validation"])]).toEqual([2, ["ill"]]);
  });

  it("takes columns that name people for the group, and never for an attribute", async () => {
    const people =
      "file,label,split,patient_id,Patient Name\na.png,0,train,7,Ann\nb.png,1,train,8,Ben\nc.png,1,val,7,Ann\n";
    const files = { ...(await greys(["a.png", "b.png", "c.png"])), "labels.csv": people };
    const error = await refused(files);
    expect(error.code).toBe("data-leakage");
    expect(error.message).not.toContain("Ann");
    const { splits, card: made } = await open(files, { leakage: "drop-from-train", allowMissingClasses: true });
    expect(splits["train"]).toMatchObject({ ids: ["b.png"], groups: ["8"], attributes: {} });
    expect(made.cautions.join(" ")).toContain("Patient Name");
  });

  it("reads several labels, and masks beside the images", async () => {
    const mask = await png(3, 3, 1, (x) => (x === 1 ? 255 : 0));
    const text = "file,label,mask\na.png,Effusion|Mass,masks/a.png\nb.png,Mass,masks/b.png\n";
    const files = {
      ...(await greys(["a.png", "b.png"])),
      "masks/a.png": mask,
      "masks/b.png": mask,
      "labels.csv": text,
    };
    const { splits } = await open(files);
    expect(columnOf(splits["train"]!, "label", "labels").values).toEqual(Int8Array.of(1, 1, 0, 1));
    const [example] = await readExamples(splits["train"]!, ["mask"], [0]);
    expect(example!["mask"]).toEqual({ extents: [3, 3], data: Uint8Array.of(0, 1, 0, 0, 1, 0, 0, 1, 0) });
    const small = await open(files, { size: { height: 1, width: 1 } });
    expect((await readExamples(small.splits["train"]!, ["mask"], [1]))[0]!["mask"]).toEqual({
      extents: [1, 1],
      data: Uint8Array.of(1),
    });
  });

  it("says where classes differ in case only, and takes 1 and 1.0 for one", async () => {
    const files = await greys(["a.png", "b.png"]);
    const cased = await open({ ...files, "labels.csv": "file,label\na.png,Ill\nb.png,ill\n" });
    expect(cased.card.cautions.join(" ")).toContain("Ill and ill");
    const numbered = await open({ ...files, "labels.csv": "file,label\na.png,1\nb.png,1.0\n" });
    expect(columnOf(numbered.splits["train"]!, "label", "classes").names).toEqual(["1"]);
  });

  it.each([
    ["../a.png", "outside"],
    ["/etc/passwd", "outside"],
    ["C:/a.png", "outside"],
    ["missing.png", "no such file"],
  ])("refuses the file name %s", async (name, text) => {
    const error = await refused({ ...(await greys(["a.png"])), "labels.csv": `file\na.png\n${name}\n` });
    expect(error.message).toContain(text);
  });

  it.each([
    ["a file listed twice", "file\na.png\n./a.png\n", "listed twice"],
    ["a row without a file", "file,label\na.png,x\n,y\n", "the file is missing"],
    ["ragged rows", "file,label\na.png\n", "another number of cells"],
    ["an open quotation", 'file\na.png\n"b.png\n', "quote is not closed"],
    ["a column twice", "file,age,Age\na.png,1,2\n", "name of another"],
    ["Latin-1", Uint8Array.from(Buffer.from("file,label\na.png,\xe9\n", "latin1")), "Latin-1"],
    ["bytes that are no text", Uint8Array.from([102, 105, 0, 0, 1, 10, 97]), "zero bytes"],
  ])("refuses %s", async (_, text, message) => {
    const error = await refused({ ...(await greys(["a.png"])), "labels.csv": text }, { reader: "labelsCsv" });
    expect(error.message).toContain(message);
  });

  it("does not show a record where a header should be", async () => {
    const error = await refused({ "labels.csv": "12,1975-03-02\n13,1980-01-01\n" }, { reader: "labelsCsv" });
    expect(error.message).not.toContain("1975");
  });
});

describe("image files", () => {
  it("reads TIFF, WebP, BMP and opaque alpha", async () => {
    const grey = await png(4, 3, 1, (x, y) => 20 * x + y);
    const bmp = new Uint8Array(54 + 16 * 3);
    const view = new DataView(bmp.buffer);
    bmp.set([0x42, 0x4d]);
    for (const [at, value] of [
      [10, 54],
      [14, 40],
      [18, 4],
      [22, 3],
    ] as const)
      view.setUint32(at, value, true);
    view.setUint16(28, 24, true);
    // Rows of a bitmap are padded and begin at the bottom.
    for (let y = 0; y < 3; y++) for (let i = 0; i < 12; i++) bmp[54 + (2 - y) * 12 + i] = 20 * Math.floor(i / 3) + y;
    const { splits } = await open(
      {
        "train/a.png": grey,
        "train/b.tif": await sharp(grey).tiff({ compression: "lzw" }).toBuffer(),
        "train/c.webp": await sharp(grey).webp({ lossless: true }).toBuffer(),
        "train/d.bmp": bmp,
        "train/e.png": await sharp(grey).ensureAlpha().png().toBuffer(),
      },
      { channels: 1 },
    );
    const { storage } = imageOf(splits["train"]);
    if (storage.kind !== "memory") throw new Error("expected pixels");
    for (let image = 0; image < 5; image++)
      expect(storage.pixels.subarray(image * 12, image * 12 + 12)).toEqual(storage.pixels.subarray(0, 12));
    expect(storage.pixels[5]).toBe(21);
  });

  it("refuses a bitmap that claims more than it holds, and a picture that is too large for its true reason", async () => {
    const bmp = new Uint8Array(60);
    bmp.set([0x42, 0x4d]);
    const view = new DataView(bmp.buffer);
    for (const [at, value] of [
      [10, 54],
      [14, 40],
      [18, 60_000],
      [22, 60_000],
    ] as const)
      view.setUint32(at, value, true);
    view.setUint16(28, 24, true);
    expect((await refused({ "train/a.bmp": bmp })).message).toContain("60000 x 60000");
    const huge = new Uint8Array(await png(2, 2, 1, () => 0));
    const header = new DataView(huge.buffer);
    header.setUint32(16, 20_000);
    header.setUint32(20, 20_000);
    header.setUint32(29, crc32(huge.subarray(12, 29)));
    expect((await refused({ "train/a.png": huge })).message).toContain("400 million pixels");
  });
});

describe("openDataset", () => {
  it("says what every reader looks for where none recognises the data", async () => {
    const error = await refused({ "x.doc": "x" });
    expect(error.message).toContain("medmnist: a file .npz");
    expect(error.message).toContain("labels.csv");
  });

  it("wants a choice between two layouts", async () => {
    const error = await refused({ "x.npz": "", "labels.csv": "file\na.png\n", "a.png": "" });
    expect(error.fix).toContain("medmnist or labelsCsv");
  });

  it("refuses a reader that does not exist, and a path that is no dataset", async () => {
    expect((await refused({}, { reader: "dicom" })).message).toContain("no reader called dicom");
    expect((await failure(() => openDataset("/no/such/folder"))).code).toBe("missing-file");
    expect((await failure(() => openDataset("/dev/null"))).message).toContain("device");
    const folder = await makeFolder();
    await mkdir(join(folder, "empty"));
    expect((await failure(() => openDataset(join(folder, "empty")))).code).toBe("bad-data");
  });

  it("opens data without training for evaluation only", async () => {
    const files = await greys(["test/a/1.png", "test/b/2.png"]);
    expect((await refused(files)).fix).toContain("allowMissingTrain");
    expect(Object.keys((await open(files, { allowMissingTrain: true })).splits)).toEqual(["test"]);
  });
});
