import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { columnOf } from "../dataset/index.ts";
import { npz } from "../data.test.helper.ts";
import { openDataset, type OpenDatasetOptions } from "../open-dataset.node.ts";
import { imageOf, labelsOf, open, refused } from "./readers.test.helper.ts";

const fixtures = new URL("../../../fixtures/npz/", import.meta.url);
const card = (content: object): string => JSON.stringify({ name: "set", ...content });

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
    expect(dataset.card.cautions.join(" ")).toContain("4 x 5 colour read as 2 x 2 grey");
    expect(dataset.card.cautions.join(" ")).toContain("Nothing reads the key of dataset.json: extra.");
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

  it("refuses a truncated archive, two archives, and a description that is not JSON", async () => {
    const archive = await readFile(new URL("grey.npz", fixtures));
    expect((await refused({ "x.npz": archive.subarray(0, 700) })).message).toContain("truncated");
    expect((await refused({ "x.npz": archive, "y.npz": archive })).message).toContain("x.npz, y.npz");
    expect((await refused({ "x.npz": archive, "dataset.json": "{" })).message).toContain("not JSON");
  });

  it("refuses a label that no set of this size can have, at once", async () => {
    const hostile = npz({
      train_images: [Uint8Array.of(1, 2), [2, 1, 1]],
      train_labels: [Int32Array.of(0, 2_147_483_646), [2]],
    });
    expect((await refused({ "x.npz": hostile })).message).toContain("2 images");
  });
});
