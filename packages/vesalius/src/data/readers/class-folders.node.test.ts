import { symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { failure, makeFolder, png } from "../data.test.helper.ts";
import { readExamples } from "../dataset/index.ts";
import { openDataset } from "../open-dataset.node.ts";
import { greys, imageOf, labelsOf, open, refused } from "./readers.test.helper.ts";

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
    expect(made.cautions[0]).toBe("1 file was left out: 1 .txt.");
  });

  it("finds a dataset in the only folder, as archives are unpacked", async () => {
    const files = await greys(["chest/chest/train/a/1.png", "chest/chest/val/a/2.png"]);
    const folder = await makeFolder({ ...files, "chest/__MACOSX/x": "x", "chest/.DS_Store": "x" });
    const { splits, name } = await openDataset(folder);
    expect(Object.keys(splits)).toEqual(["train", "validation"]);
    expect(name).toBe(basename(folder));
    const other = await refused({ "inner/train/a/1.dcm": "x" });
    expect(other.what).toContain("they hold 1 folder, 1 .dcm.");
  });

  it("reads images of 16 bits through a window, in files and in memory, and says so", async () => {
    const deep = (first: number) =>
      sharp(
        Uint16Array.from({ length: 4 }, (_, i) => first + 1000 * i),
        { raw: { width: 2, height: 2, channels: 1 } },
      )
        .toColourspace("grey16")
        .png()
        .toBuffer();
    const files = { "a/1.png": await deep(0), "b/2.png": await deep(500) };
    const values = await Promise.all(
      (["memory", "files"] as const).map(async (storage) => {
        const { splits, card } = await open(files, { window: [0, 4000], storage });
        expect(card.cautions).toContain("2 of 2 images have 16 bits and are read from 0 to 4000.");
        const [example] = await readExamples(splits["train"]!, ["image"], [1]);
        return Array.from((example!["image"] as { data: Uint8Array }).data);
      }),
    );
    expect(values).toEqual([[32, 96, 159, 223], [32, 96, 159, 223]]); // prettier-ignore
    expect((await refused(files)).fix).toContain("the option window: [0, 4095]");
    expect((await refused(files, { window: [5, 5] })).code).toBe("bad-argument");
  });

  it("is not misled by a table that names no image", async () => {
    const files = await greys(["train/a/1.png", "train/b/2.png", "test/a/3.png", "test/b/4.png"]);
    const { splits, card } = await open({ ...files, "class_dict.csv": "class_index,class\n0,a\n1,b\n" });
    expect(labelsOf(splits["train"])).toEqual(["a", "b"]);
    expect(card.cautions).toEqual(["1 file was left out: 1 .csv."]);
  });

  it("groups images by a part of their names", async () => {
    const files = await greys(["a/p1_1.png", "a/p1_2.png", "b/p2_1.png", "b/x.png"]);
    const { splits, card } = await open(files, { groupPattern: "^(p\\d+)_" });
    expect(splits["train"]!.groups).toEqual(["p1", "p1", "p2", "(none) b/x.png"]);
    expect(card.cautions).toEqual(["1 images match no pattern of groups and are groups of their own."]);
    expect((await refused(files, { groupPattern: "^q" })).message).toContain("matches the name of no file");
    expect((await refused(files, { groupPattern: "(" })).code).toBe("bad-argument");
    expect((await refused(files, { groupPattern: "(\\w+)+_" })).what).toContain("could take very long");
    const column = await refused(files, { groupColumn: "patient" });
    expect(column.message).toContain("imageFolder has no setting groupColumn");
    expect(column.fixAs((name) => `--option ${name}`)).toContain("--option groupPattern");
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

  it.each(["memory", "files"])("finds copies in two splits, and names every damaged file (%s)", async (storage) => {
    const [same, other] = Object.values(await greys(["x", "y"]));
    const copied = await refused(
      { "train/a/1.png": same!, "train/b/2.png": other!, "val/a/3.png": same! },
      { storage },
    );
    expect(copied.code).toBe("data-leakage");
    expect(copied.message).toContain("train/a/1.png (train) and val/a/3.png (validation)");
    const damaged = await refused({ "train/a/1.png": same!, "train/a/2.png": "x", "train/b/3.png": "y" }, { storage });
    expect(damaged.code).toBe("bad-file");
    expect(damaged.message).toMatch(/2 images cannot be used.*2\.png.*3\.png/);
  });

  it("leaves images in their files where they would not fit in memory", async () => {
    const files = await greys(["train/a.png", "train/b.png"], 60);
    expect(imageOf((await open(files)).splits["train"]).storage.kind).toBe("memory");
    expect(imageOf((await open(files, { maxBytes: 10_000 })).splits["train"]).storage.kind).toBe("files");
  });

  it.each([
    ["a training class without images", { "train/a/1.png": "", "train/b/notes.txt": "" }, "no images"],
    ["a split without images", { "train/a/1.png": "", "val/a/notes.txt": "" }, "validation split holds no images"],
    ["images below a class folder", { "train/a/1.png": "", "train/b/patient 1/2.png": "" }, "a folder inside it"],
    ["images beside class folders", { "train/a/1.png": "", "train/2.png": "" }, "beside"],
    ["two folders for one split", { "train/1.png": "", "val/2.png": "", "valid/3.png": "" }, "train, val, valid"],
    ["a damaged image", { "train/a/1.png": "x" }, "cannot be decoded"],
  ] as [string, Record<string, string>, string][])("refuses %s", async (_, files, text) => {
    expect((await refused(files)).message).toContain(text);
  });
});
