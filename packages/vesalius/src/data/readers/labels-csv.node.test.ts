import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, makeFolder } from "../data.test.helper.ts";
import { readLabelsCsv } from "./labels-csv.node.ts";

async function read(table: string) {
  return readLabelsCsv(await makeFolder({ "labels.csv": table }));
}

describe("readLabelsCsv", () => {
  it("reads files, labels, splits, groups, and every other column as an attribute", async () => {
    const folder = await makeFolder({
      "labels.csv":
        '\uFEFFfile,label,split,group,age,sex\na/1.png,normal,train,p1,64,F\n"a/2,b.png", pneumonia ,val,p2,,M\n',
    });
    expect(await readLabelsCsv(folder)).toEqual([
      {
        path: join(folder, "a/1.png"),
        id: "a/1.png",
        split: "train",
        label: "normal",
        group: "p1",
        attributes: { age: 64, sex: "F" },
      },
      {
        path: join(folder, "a/2,b.png"),
        id: "a/2,b.png",
        split: "validation",
        label: "pneumonia",
        group: "p2",
        attributes: { age: null, sex: "M" },
      },
    ]);
  });

  it("takes a column called path, and everything for training without a split column", async () => {
    const [only] = await read("path\nx.png\n");
    expect(only).toMatchObject({ id: "x.png", split: "train", label: undefined, group: undefined, attributes: {} });
  });

  it("makes missing attributes null and keeps a column with any text as text", async () => {
    const listed = await read("file,age,site\na.png,NaN,1\nb.png,7.5,north\n");
    expect(listed.map(({ attributes }) => attributes)).toEqual([
      { age: null, site: "1" },
      { age: 7.5, site: "north" },
    ]);
  });

  it.each([
    ["../a.png", "outside"],
    ["x/../../a.png", "outside"],
    ["/etc/a.png", "outside"],
    ["C:/a.png", "outside"],
    ["..\\a.png", "outside"],
    [".", "outside"],
  ])("refuses the file name %s", async (name, text) => {
    const error = await failure(() => read(`file\n${name}\n`));
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain(text);
    expect(error.where).toContain("row 1");
  });

  it.each([
    ["a missing label", "file,label\na.png,normal\nb.png,\n", "the label is missing"],
    ["a NaN label", "file,label\na.png,normal\nb.png,nan\n", "the label is missing"],
    ["a missing group", "file,group\na.png,p1\nb.png,\n", "the group is missing"],
    ["a missing file name", "file,label\na.png,normal\n,normal\n", "the file is missing"],
    ["an unknown split", "file,split\na.png,train\nb.png,holdout\n", '"holdout" is no split'],
    ["an inherited property as split", "file,split\na.png,train\nb.png,constructor\n", '"constructor" is no split'],
    ["a file named twice", "file\na.png\nx/../a.png\n", "listed twice"],
  ])("names the row of %s", async (_, table, text) => {
    const error = await failure(() => read(table));
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain(text);
    expect(error.where).toContain("row 2");
  });

  it.each([
    ["no file column", "image,label\na.png,normal\n", 'no column "file"'],
    ["ragged rows", "file,label\na.png\n", "not well-formed CSV"],
    ["an open quotation", 'file\n"a.png\n', "not well-formed CSV"],
    ["a column twice", "file,age,age\na.png,1,2\n", "occurs twice"],
    ["no rows", "file,label\n", "no rows"],
    ["nothing at all", "", "no rows"],
  ])("refuses a table with %s", async (_, table, text) => {
    const error = await failure(() => read(table));
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain(text);
    expect(error.where).toMatch(/labels\.csv$/);
  });

  it("says that there is no table", async () => {
    const folder = await makeFolder();
    expect((await failure(() => readLabelsCsv(folder))).code).toBe("missing-file");
  });
});
