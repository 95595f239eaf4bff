import { describe, expect, it } from "vitest";
import { concatenateForPretraining } from "./concatenate-for-pretraining.ts";
import { failure, makeDataset, makeSplit } from "./data.test.helper.ts";

const shape = { channels: 1, height: 2, width: 2 };

describe("concatenateForPretraining", () => {
  it("brings images of other sizes and channels to one shape, unlabelled, under distinct names", () => {
    const large = makeDataset(
      makeSplit(2, { shape: { channels: 3, height: 4, width: 6 }, value: (i) => 100 + i, labels: Int32Array.of(0, 0) }),
      { name: "a" },
    );
    const small = makeDataset(makeSplit(1, { groups: ["p1"], fingerprints: ["x"] }), { name: "b" });
    const joined = concatenateForPretraining([large, small], shape);
    expect(joined).toMatchObject({
      name: "train",
      length: 3,
      ids: ["a/train/0", "a/train/1", "b/train/0"],
      labels: undefined,
      groups: ["a/train/0", "a/train/1", "b/p1"],
      fingerprints: undefined,
    });
    expect(joined.images).toMatchObject({
      ...shape,
      count: 3,
      pixels: Uint8Array.of(...Array<number>(4).fill(100), ...Array<number>(4).fill(101), 0, 0, 0, 0),
    });
  });

  it("refuses a training image that another set holds out", async () => {
    const first = makeDataset(makeSplit(2, { fingerprints: ["x", "y"], groups: ["1", "2"] }), { name: "a" });
    const heldOut = makeSplit(1, { name: "test", fingerprints: ["y"], groups: ["1"] });
    const second = makeDataset(makeSplit(1, { fingerprints: ["z"], groups: ["3"] }), { name: "b", test: heldOut });
    const error = await failure(() => concatenateForPretraining([first, second], shape));
    expect(error.code).toBe("data-leakage");
    // Group 1 of one set is not group 1 of the other: only the identical image counts.
    expect(error.message).toMatch(/^1 image .*train\/1 \(train\) and test\/0 \(test\)/);
  });

  it("joins file lists, but not files with decoded images", async () => {
    const files = (name: string) => ({
      ...makeSplit(0),
      length: 1,
      ids: [name],
      images: { kind: "files", paths: [name], channels: 3, height: 9, width: 9 } as const,
    });
    const joined = concatenateForPretraining([makeDataset(files("a.png")), makeDataset(files("b.png"))], shape);
    expect(joined.images).toEqual({ kind: "files", paths: ["a.png", "b.png"], ...shape });
    const mixed = await failure(() =>
      concatenateForPretraining([makeDataset(files("a.png")), makeDataset(makeSplit(1))], shape),
    );
    expect(mixed.fix).toContain("storage");
    expect((await failure(() => concatenateForPretraining([], shape))).code).toBe("bad-argument");
  });
});
