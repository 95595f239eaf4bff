import { describe, expect, it } from "vitest";
import { splitOf } from "../columns/columns.test.helper.ts";
import { classesColumn, imagesColumn, numbersColumn, textsColumn } from "../columns/constructors.ts";
import { failure } from "../data.test.helper.ts";
import { datasetCardSchema } from "../dataset-card.ts";
import type { Split } from "../split.ts";
import { assembleDataset, type AssemblyOptions } from "./assemble-dataset.ts";

const card = datasetCardSchema.parse({ name: "set" });
const assemble = (splits: Record<string, Split>, options?: AssemblyOptions) =>
  assembleDataset({ name: "set", card, unit: "images", splits }, options);
const size = { channels: 1, height: 1, width: 1 };
const imageSplit = (name: string, hashes: readonly string[], groups?: readonly string[]): Split =>
  splitOf(
    {
      image: imagesColumn(
        Uint8Array.from(hashes, (_, i) => i),
        size,
        hashes,
      ),
      label: classesColumn(
        ["normal", "ill"],
        hashes.map((_, i) => i % 2),
      ),
    },
    { name, groups },
  );
const train = imageSplit("train", ["1", "2", "3", "4"], ["a", "b", "c", "d"]);
const validation = imageSplit("validation", ["2", "9"], ["v", "c"]);

describe("assembleDataset", () => {
  it("keeps splits that share nothing as they are, whatever they are called", () => {
    const other = imageSplit("val_seen", ["7"]);
    const dataset = assemble({ train, val_seen: other });
    expect(Object.keys(dataset.splits)).toEqual(["train", "val_seen"]);
    expect(dataset.splits["train"]).toBe(train);
    expect(dataset.splits["val_seen"]).toBe(other);
    expect(dataset.tables).toEqual({});
  });

  it("refuses a shared group and shared content, with count and ids but no group names", async () => {
    const error = await failure(() => assemble({ train, validation }));
    expect(error.code).toBe("data-leakage");
    expect(error.message).toContain("2 images of one split share");
    expect(error.message).toContain("train/1 (train) and validation/0 (validation): identical image");
    expect(error.message).toContain("train/2 (train) and validation/1 (validation): same group");
  });

  it("drops such training examples when told, and writes down how many", () => {
    const dataset = assemble({ train, validation }, { leakage: "drop-from-train", allowMissingClasses: true });
    expect(dataset.splits["train"]!.ids).toEqual(["train/0", "train/3"]);
    expect(dataset.card.cautions).toEqual([expect.stringContaining("2 training images")]);
  });

  it("never drops for a leak between other splits, nor everything", async () => {
    const test = imageSplit("test", ["9"]);
    const error = await failure(() => assemble({ train, validation, test }, { leakage: "drop-from-train" }));
    expect(error.message).toContain("validation/1 (validation) and test/0 (test)");
    const twins = imageSplit("validation", ["8", "9"], ["a", "b"]);
    const all = imageSplit("train", ["1", "2"], ["a", "b"]);
    expect(
      (await failure(() => assemble({ train: all, validation: twins }, { leakage: "drop-from-train" }))).message,
    ).toContain("is left without leakage");
  });

  it("refuses a class without a training example, unless told", async () => {
    const one = splitOf({ label: classesColumn(["normal", "ill"], [0, 0]) });
    const error = await failure(() => assemble({ train: one }));
    expect(error.message).toContain("has the class ill");
    expect(assemble({ train: one }, { allowMissingClasses: true }).splits["train"]).toBe(one);
  });

  it("refuses a class that dropping leaves without a training example", async () => {
    const both = imageSplit("train", ["1", "2"], ["a", "b"]);
    const other = imageSplit("test", ["9"], ["b"]);
    const error = await failure(() => assemble({ train: both, test: other }, { leakage: "drop-from-train" }));
    // The name is that of one record, which is counted and not repeated.
    expect(error.message).toContain("has the class (1 not shown: a single example has it)");
    expect(error.where).toContain("row 2 of train");
  });

  it("names five leaks of many", async () => {
    const hashes = Array.from({ length: 30 }, (_, i) => `h${i}`);
    const many = imageSplit("train", hashes, Array<string>(30).fill("p"));
    const error = await failure(() => assemble({ train: many, test: imageSplit("test", ["x"], ["p"]) }));
    expect(error.message).toContain("and 25 more");
    expect(error.message.match(/train\/\d+ \(train\)/g)).toHaveLength(5);
  });

  it("takes data without training for evaluation only when told", async () => {
    expect((await failure(() => assemble({ validation }))).fix).toContain("allowMissingTrain");
    expect(Object.keys(assemble({ validation }, { allowMissingTrain: true }).splits)).toEqual(["validation"]);
    expect((await failure(() => assemble({}, { allowMissingTrain: true }))).code).toBe("bad-data");
  });

  it.each<[string, Record<string, Split>, string]>([
    ["an empty split", { train, test: imageSplit("test", []) }, "holds no images"],
    ["an id twice in a split", { train: { ...train, ids: ["a", "b", "a", "c"] } }, "row 1 of train and row 3 of train"],
    ["an id in two splits", { train, test: { ...imageSplit("test", ["7"]), ids: ["train/0"] } }, "row 1 of test"],
    ["a short column", { train: { ...train, length: 4, ids: train.ids, attributes: { age: [1] } } }, "attribute age"],
    [
      "a column of two kinds",
      {
        train: splitOf({ x: textsColumn(["a"]) }),
        test: splitOf({ x: numbersColumn(["a"], 1, [1]) }, { name: "test" }),
      },
      "texts in train and numbers in test",
    ],
    [
      "classes in another order",
      {
        train: splitOf({ label: classesColumn(["a", "b"], [0, 1]) }),
        test: splitOf({ label: classesColumn(["b", "a"], [0]) }, { name: "test" }),
      },
      "class names",
    ],
  ])("refuses %s", async (_, splits, text) => {
    const error = await failure(() => assemble(splits));
    expect(["bad-data", "shape-mismatch"]).toContain(error.code);
    expect(error.message).toContain(text);
    expect(error.message).toContain("set");
  });
});
