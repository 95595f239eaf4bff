import { describe, expect, it } from "vitest";
import { assembleDataset } from "./assemble-dataset.ts";
import type { AssemblyOptions } from "./assemble-dataset.ts";
import { failure, makeSplit } from "./data.test.helper.ts";
import { datasetCardSchema } from "./dataset-card.ts";
import type { ImageSplit, SplitName } from "./image-dataset.ts";

const labels = ["normal", "pneumonia"];
const card = datasetCardSchema.parse({ name: "set" });

function assemble(splits: Partial<Record<SplitName, ImageSplit>>, options?: AssemblyOptions) {
  return assembleDataset({ name: "set", splits, labels, card }, options);
}

const train = makeSplit(4, {
  labels: Int32Array.of(0, 1, 0, 1),
  groups: ["a", "b", "c", "d"],
  fingerprints: ["1", "2", "3", "4"],
});
const validation = makeSplit(2, {
  name: "validation",
  groups: ["v", "c"],
  fingerprints: ["2", "9"],
  value: (i) => i + 50,
});

describe("assembleDataset", () => {
  it("keeps splits that share nothing as they are", () => {
    const test = makeSplit(1, { name: "test" });
    const dataset = assemble({ train, test });
    expect(dataset).toMatchObject({
      kind: "images",
      name: "set",
      labels,
      channels: 1,
      height: 2,
      width: 2,
      validation: undefined,
    });
    expect(dataset.train).toBe(train);
    expect(dataset.test).toBe(test);
  });

  it("refuses a shared group and a shared image, with count and ids but no group names", async () => {
    const error = await failure(() => assemble({ train, validation }));
    expect(error.code).toBe("data-leakage");
    expect(error.message).toContain("2 images of one split share");
    expect(error.message).toContain("train/1 (train) and validation/0 (validation): identical image");
    expect(error.message).toContain("train/2 (train) and validation/1 (validation): group");
    expect(error.fix).toContain("drop-from-train");
  });

  it("drops such training images when told, and writes down how many", () => {
    const dataset = assemble({ train, validation }, { leakage: "drop-from-train", allowMissingClasses: true });
    expect(dataset.train.ids).toEqual(["train/0", "train/3"]);
    expect(dataset.train.labels).toEqual(Int32Array.of(0, 1));
    expect(dataset.train.images).toMatchObject({ count: 2, pixels: Uint8Array.of(0, 0, 0, 0, 3, 3, 3, 3) });
    expect(dataset.card.cautions).toEqual([expect.stringContaining("2 training images")]);
  });

  it("never drops for a leak between validation and test, nor everything", async () => {
    const test = makeSplit(1, { name: "test", fingerprints: ["9"] });
    const error = await failure(() => assemble({ train, validation, test }, { leakage: "drop-from-train" }));
    expect(error.message).toContain("validation/1 (validation) and test/0 (test)");
    const twins = makeSplit(2, { name: "validation", groups: ["a", "b"] });
    const all = makeSplit(2, { groups: ["a", "b"] });
    expect(
      (await failure(() => assemble({ train: all, validation: twins }, { leakage: "drop-from-train" }))).message,
    ).toContain("no training image is left");
  });

  it("lists five examples of many", async () => {
    const many = makeSplit(30, { groups: Array<string>(30).fill("p") });
    const error = await failure(() => assemble({ train: many, test: makeSplit(1, { name: "test", groups: ["p"] }) }));
    expect(error.message).toContain("and 25 more");
  });

  it.each([
    ["a label past the classes", Int32Array.of(0, 1, 2), "label 2 is outside the 2 classes"],
    ["a negative label", Int32Array.of(0, 1, -1), "label -1"],
  ])("refuses %s", async (_, wrong, text) => {
    const error = await failure(() => assemble({ train: makeSplit(3, { labels: wrong }) }));
    expect(error.code).toBe("bad-data");
    expect(error.message).toContain(text);
    expect(error.where).toContain("train/2");
  });

  it("refuses a class without training images unless allowed, also one that dropping emptied", async () => {
    const normal = makeSplit(2, { labels: Int32Array.of(0, 0), groups: ["a", "b"] });
    expect((await failure(() => assemble({ train: normal }))).message).toContain("class pneumonia");
    expect(assemble({ train: normal }, { allowMissingClasses: true }).train.length).toBe(2);
    const both = makeSplit(2, { labels: Int32Array.of(0, 1), groups: ["a", "b"] });
    const other = makeSplit(1, { name: "test", groups: ["b"] });
    expect(
      (await failure(() => assemble({ train: both, test: other }, { leakage: "drop-from-train" }))).message,
    ).toContain("class pneumonia");
  });

  it("refuses empty splits, and data without training images unless for evaluation", async () => {
    const test = makeSplit(2, { name: "test", labels: Int32Array.of(0, 1) });
    expect((await failure(() => assemble({ train, test: makeSplit(0, { name: "test" }) }))).where).toContain("test");
    expect((await failure(() => assemble({ test }))).message).toContain("no training split");
    const dataset = assemble({ test }, { allowMissingTrain: true });
    expect(dataset.train.length).toBe(0);
    expect(dataset.train.images).toMatchObject({ channels: 1, height: 2, width: 2, count: 0 });
    expect((await failure(() => assemble({}, { allowMissingTrain: true }))).code).toBe("bad-data");
  });
});
