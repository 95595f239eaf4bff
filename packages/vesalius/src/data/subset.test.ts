import { describe, expect, it } from "vitest";
import { failure, makeSplit } from "./data.test.helper.ts";
import { subset } from "./subset.ts";

const split = makeSplit(3, {
  labels: Int32Array.of(0, 1, 2),
  groups: ["a", "b", "c"],
  attributes: { age: [1, null, 3] },
  fingerprints: ["x", "y", "z"],
});

describe("subset", () => {
  it("keeps every column in step with the images", () => {
    expect(subset(split, Int32Array.of(2, 0))).toEqual({
      name: "train",
      length: 2,
      ids: ["train/2", "train/0"],
      labels: Int32Array.of(2, 0),
      groups: ["c", "a"],
      attributes: { age: [3, 1] },
      fingerprints: ["z", "x"],
      images: expect.objectContaining({ count: 2, pixels: Uint8Array.of(2, 2, 2, 2, 0, 0, 0, 0) }),
    });
  });

  it.each([-1, 3, 0.5, NaN])("refuses the position %d", async (row) => {
    expect((await failure(() => subset(split, [0, row]))).code).toBe("bad-argument");
  });
});
