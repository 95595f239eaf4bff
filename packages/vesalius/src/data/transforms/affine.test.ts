import { describe, expect, it } from "vitest";
import { sampleAffine } from "./affine.ts";

const shape = { channels: 1, height: 3, width: 3 };
const digits = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);

function sampled(map: { a: number; b: number; c: number; d: number; e?: number; f?: number }, fill = 0): number[] {
  const target = new Float32Array(9);
  sampleAffine(digits, shape, target, { e: 0, f: 0, ...map }, fill);
  return Array.from(target);
}

const identity = { a: 1, b: 0, c: 0, d: 1 };

describe("sampleAffine", () => {
  it("turns about the centre: a quarter turn is exact", () => {
    expect(sampled({ a: 0, b: 1, c: -1, d: 0 })).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7].toReversed());
  });

  it("shifts by whole pixels exactly and fills what comes into view", () => {
    expect(sampled({ ...identity, e: -1 }, 0.5)).toEqual([0.5, 1, 2, 0.5, 4, 5, 0.5, 7, 8]);
    expect(sampled({ ...identity, f: 1 }, 0)).toEqual([4, 5, 6, 7, 8, 9, 0, 0, 0]);
  });

  it("blends the four neighbours between pixels, the fill among them at the border", () => {
    expect(sampled({ ...identity, e: 0.5, f: 0.5 })).toEqual([3, 4, 2.25, 6, 7, 3.75, 3.75, 4.25, 2.25]);
  });
});
