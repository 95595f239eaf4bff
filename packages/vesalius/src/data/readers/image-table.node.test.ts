import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { columnOf, readExamples } from "../dataset/index.ts";
import { makeFolder, png } from "../data.test.helper.ts";
import { openDataset } from "../open-dataset.node.ts";
import type { Split } from "../split.ts";
import { greys, imageOf, labelsOf, open, refused } from "./readers.test.helper.ts";

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
    const four = await greys(["a.png", "b.png", "c.png", "d.png"]);
    const cased = await open({ ...four, "labels.csv": "file,label\na.png,Ill\nb.png,ill\nc.png,Ill\nd.png,ill\n" });
    expect(cased.card.cautions.join(" ")).toContain("Ill and ill");
    const numbered = await open({ ...files, "labels.csv": "file,label\na.png,1\nb.png,1.0\n" });
    expect(columnOf(numbered.splits["train"]!, "label", "classes").names).toEqual(["1"]);
  });

  it("takes columns of 0 and 1 for labels where nothing else is to be predicted, and says so", async () => {
    const images = await greys(["a.png", "b.png", "c.png"]);
    const rows = "File,Age,Sex,Effusion,Mass\na.png,50,1,1,0\nb.png,60,0,0,1\nc.png,70,1,0,1\n";
    const { splits, card } = await open({ ...images, "labels.csv": rows });
    expect(columnOf(splits["train"]!, "label", "labels").names).toEqual(["Effusion", "Mass"]);
    expect(Object.keys(splits["train"]!.attributes)).toEqual(["Age", "Sex"]);
    expect(card.cautions).toEqual([
      "The 2 columns of 0 and 1 (Effusion, Mass) were taken for labels, of which every example has exactly one.",
    ]);
  });

  it("keeps splits of any name", async () => {
    const files = await greys(["a.png", "b.png", "c.png"]);
    const text = "file,split\na.png,train\nb.png,holdout\nc.png,constructor\n";
    const { splits } = await open({ ...files, "labels.csv": text });
    expect(Object.entries(splits).map(([name, { ids }]) => [name, ...ids])).toEqual([
      ["train", "a.png"],
      ["holdout", "b.png"],
      ["constructor", "c.png"],
    ]);
  });

  it.each([
    ["../a.png", "outside"],
    ["/etc/passwd", "outside"],
    ["C:/a.png", "outside"],
    ["missing.png", "a file is named that is not there"],
  ])("refuses the file name %s", async (name, text) => {
    const error = await refused({ ...(await greys(["a.png"])), "labels.csv": `file\na.png\n${name}\n` });
    expect(error.message).toContain(text);
  });

  it.each([
    ["a file listed twice", "file\na.png\n./a.png\n", "listed twice"],
    ["a file listed twice by another path", "file\na.png\nx/../a.png\n", "listed twice"],
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

  it("gives an image several rows where a text tells them apart, and not otherwise", async () => {
    const files = await greys(["a.png", "b.png"]);
    const asked = await open({ ...files, "labels.csv": "image,question\na.png,Is it?\na.png,Where?\nb.png,Is it?\n" });
    const train = asked.splits["train"]!;
    expect(train.length).toBe(3);
    expect(columnOf(train, "question", "texts").values).toEqual(["Is it?", "Where?", "Is it?"]);
    expect(new Set(train.ids).size).toBe(3);
    const error = await refused({ ...files, "labels.csv": "image,question\na.png,Is it?\na.png,Is it?\n" });
    expect(error.message).toContain("listed twice");
  });

  it("does not show a record where a header should be", async () => {
    const error = await refused({ "labels.csv": "12,1975-03-02\n13,1980-01-01\n" }, { reader: "labelsCsv" });
    expect(error.message).not.toContain("1975");
  });
});
