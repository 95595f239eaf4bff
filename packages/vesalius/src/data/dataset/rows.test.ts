import { describe, expect, it } from "vitest";
import { sampleColumns, splitOf } from "../columns/columns.test.helper.ts";
import { classesColumn, textsColumn } from "../columns/constructors.ts";
import { contentDigest, splitDigest } from "./content-digest.ts";
import { failure } from "../data.test.helper.ts";
import { joinSplits } from "./join-splits.ts";
import { columnNamed, columnOf, readExamples, takeRows } from "./rows.ts";

const split = splitOf(
  { text: sampleColumns.texts, label: sampleColumns.classes, relevant: sampleColumns.references },
  { groups: ["p", "p", "q", "r"], attributes: { age: [1, null, 3, 4] } },
);

describe("takeRows", () => {
  it("takes everything that belongs to an example", async () => {
    const taken = takeRows(split, [3, 0]);
    expect(taken).toMatchObject({
      length: 2,
      ids: ["train/3", "train/0"],
      groups: ["r", "p"],
      attributes: { age: [4, 1] },
    });
    expect(await readExamples(taken, ["label", "text"], [1])).toEqual([{ label: 0, text: "Loss of BRCA1" }]);
  });

  it("refuses rows that are not there", async () => {
    expect((await failure(() => takeRows(split, [4]))).message).toContain("no row 4");
    expect((await failure(() => takeRows(split, [0.5]))).code).toBe("bad-argument");
  });
});

describe("columnNamed", () => {
  it("follows references to the best entry of the table", async () => {
    const examples = await readExamples(split, ["relevant.text"], [0, 1, 2, 3]);
    expect(examples.map((example) => example["relevant.text"])).toEqual(["three", null, null, "two"]);
    expect(columnNamed(split, "relevant.text").present).toEqual(Uint8Array.of(1, 0, 0, 1));
  });

  it("names what there is where a column is missing or of another kind", async () => {
    expect((await failure(() => columnNamed(split, "image"))).message).toContain("text, label, relevant");
    expect((await failure(() => columnOf(split, "text", "classes", "labels"))).message).toContain(
      "holds texts, not classes or labels",
    );
    expect(columnOf(split, "label", "classes").names).toEqual(["benign", "malignant"]);
  });
});

describe("joinSplits", () => {
  const other = splitOf(
    {
      text: textsColumn(["x"]),
      label: classesColumn(["benign", "malignant"], [1]),
      relevant: split.columns["relevant"]!,
    },
    { name: "more", attributes: { sex: ["f"] } },
  );
  const one = takeRows({ ...other, length: 1, columns: { ...other.columns } }, [0]);

  it("keeps patients of two sets apart and fills attributes that one lacks", () => {
    const joined = joinSplits([split, one], { prefixes: ["a", "b"] });
    expect(joined.length).toBe(5);
    expect(joined.groups).toEqual(["a/p", "a/p", "a/q", "a/r", "b/more/0"]);
    expect(joined.attributes).toEqual({ age: [1, null, 3, 4, null], sex: [null, null, null, null, "f"] });
  });

  it("refuses other columns and ids that occur twice", async () => {
    expect((await failure(() => joinSplits([split, takeRows(split, [0])]))).message).toContain("occurs in two");
    expect((await failure(() => joinSplits([split, splitOf({ text: textsColumn(["x"]) })]))).code).toBe("bad-data");
    expect((await failure(() => joinSplits([]))).code).toBe("bad-argument");
  });
});

describe("contentDigest", () => {
  it("changes with a value, a group or the order, and with nothing else", () => {
    const digest = splitDigest(split);
    expect(splitDigest(takeRows(split, [0, 1, 2, 3]))).toBe(digest);
    expect(splitDigest(takeRows(split, [1, 0, 2, 3]))).not.toBe(digest);
    expect(splitDigest({ ...split, groups: undefined })).not.toBe(digest);
    const texts = textsColumn(["Loss of BRCA2", "", null, "x"]);
    expect(splitDigest({ ...split, columns: { ...split.columns, text: texts } })).not.toBe(digest);
  });

  it("counts the tables that examples refer to", () => {
    const table = splitOf({ text: textsColumn(["one"]) });
    const changed = splitOf({ text: textsColumn(["other"]) });
    expect(contentDigest({ splits: { train: split }, tables: { table } })).not.toBe(
      contentDigest({ splits: { train: split }, tables: { table: changed } }),
    );
  });
});
