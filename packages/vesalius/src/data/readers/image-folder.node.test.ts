import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, makeFolder } from "../data.test.helper.ts";
import { listImageFolder, listImages } from "./image-folder.node.ts";

describe("listImageFolder", () => {
  it("takes class folders for labels, in every split, sorted", async () => {
    const folder = await makeFolder({
      "train/normal/b.png": "",
      "train/normal/a.png": "",
      "train/pneumonia/c.JPG": "",
      "valid/normal/d.png": "",
      "test/pneumonia/e.jpeg": "",
      "train/normal/notes.txt": "",
      "train/.cache/x.png": "",
      "masks/a.png": "",
    });
    const listed = await listImageFolder(folder);
    expect(listed.map(({ id, split, label }) => [id, split, label])).toEqual([
      ["test/pneumonia/e.jpeg", "test", "pneumonia"],
      ["train/normal/a.png", "train", "normal"],
      ["train/normal/b.png", "train", "normal"],
      ["train/pneumonia/c.JPG", "train", "pneumonia"],
      ["valid/normal/d.png", "validation", "normal"],
    ]);
    expect(listed[0]!.path).toBe(join(folder, "test/pneumonia/e.jpeg"));
  });

  it("reads splits without classes, and images without splits, as unlabelled", async () => {
    const split = await listImageFolder(await makeFolder({ "train/a.png": "", "val/b.png": "" }));
    expect(split.map(({ split: name, label }) => [name, label])).toEqual([
      ["train", undefined],
      ["validation", undefined],
    ]);
    const plain = await listImageFolder(await makeFolder({ "a.png": "", "b.jpg": "", "c.csv": "" }));
    expect(plain.map(({ id, split: name }) => [id, name])).toEqual([
      ["a.png", "train"],
      ["b.jpg", "train"],
    ]);
  });

  it("refuses folders that could be read in two ways, and folders without images", async () => {
    const mixed = await makeFolder({ "train/normal/a.png": "", "train/b.png": "" });
    expect((await failure(() => listImageFolder(mixed))).message).toContain("beside");
    const twice = await makeFolder({ "train/a.png": "", "val/b.png": "", "validation/c.png": "" });
    expect((await failure(() => listImageFolder(twice))).message).toContain("one split: train, val, validation");
    const empty = await makeFolder({ "notes.txt": "" });
    expect((await failure(() => listImageFolder(empty))).message).toContain("no images");
    expect((await failure(() => listImageFolder(join(empty, "absent")))).code).toBe("missing-file");
  });
});

describe("listImageFolder on incomplete folders", () => {
  it.each([
    ["a training class without images", { "train/a/1.png": "", "train/b/notes.txt": "" }, "no images"],
    ["a split without images", { "train/a/1.png": "", "val/a/notes.txt": "" }, "validation split holds no images"],
    ["images below a class folder", { "train/a/1.png": "", "train/b/patient 1/2.png": "" }, "patient 1"],
  ] as [string, Record<string, string>, string][])("refuses %s instead of leaving it out", async (_, files, text) => {
    const folder = await makeFolder(files);
    const error = await failure(() => listImageFolder(folder));
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain(text);
  });

  it("accepts a class that only validation lacks", async () => {
    const folder = await makeFolder({
      "train/a/1.png": "",
      "train/b/2.png": "",
      "val/a/3.png": "",
      "val/b/notes.txt": "",
    });
    expect(await listImageFolder(folder)).toHaveLength(3);
  });
});

describe("listImages", () => {
  it("lists the images of one folder by name", async () => {
    const folder = await makeFolder({ "b.png": "", "a.jpg": "", "x/c.png": "", "d.txt": "" });
    expect(await listImages(folder)).toEqual([join(folder, "a.jpg"), join(folder, "b.png")]);
  });
});
