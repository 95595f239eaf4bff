import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resample } from "./resample.ts";

function resized(values: number[], height: number, width: number, to: { height: number; width: number }): number[] {
  const target = new Float32Array(to.height * to.width);
  resample(Float32Array.from(values), { channels: 1, height, width }, { top: 0, left: 0, height, width }, target, to);
  return Array.from(target);
}

const side = fc.integer({ min: 1, max: 10 });

describe("resample", () => {
  it("enlarges as PyTorch's bilinear interpolation without aligned corners", () => {
    // The example of torch.nn.Upsample's documentation.
    expect(resized([1, 2, 3, 4], 2, 2, { height: 4, width: 4 })).toEqual(
      [
        [1, 1.25, 1.75, 2],
        [1.5, 1.75, 2.25, 2.5],
        [2.5, 2.75, 3.25, 3.5],
        [3, 3.25, 3.75, 4],
      ].flat(),
    );
  });

  it("shrinks by whole factors to the mean of each block", () => {
    const values = Array.from({ length: 16 }, (_, i) => i);
    expect(resized(values, 4, 4, { height: 2, width: 2 })).toEqual([2.5, 4.5, 10.5, 12.5]);
  });

  it("keeps the mean when it shrinks, by any factor", () => {
    fc.assert(
      fc.property(
        side,
        side,
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.infiniteStream(fc.float({ min: 0, max: 1, noNaN: true })),
        (height, width, factor, stream) => {
          const values = Array.from({ length: height * width }, () => stream.next().value as number);
          const to = { height: Math.ceil(height * factor), width: Math.ceil(width * factor) };
          const small = resized(values, height, width, to);
          const mean = (list: number[]) => list.reduce((a, b) => a + b) / list.length;
          expect(mean(small)).toBeCloseTo(mean(values), 5);
        },
      ),
    );
  });

  it("keeps a constant image constant at any size", () => {
    fc.assert(
      fc.property(side, side, side, side, (height, width, toHeight, toWidth) => {
        const result = resized(Array<number>(height * width).fill(0.7), height, width, {
          height: toHeight,
          width: toWidth,
        });
        for (const value of result) expect(value).toBeCloseTo(0.7, 5);
      }),
    );
  });

  it("reads only the region that it is given, in every channel", () => {
    const source = Float32Array.from({ length: 2 * 4 * 5 }, (_, i) => i);
    const target = new Float32Array(2 * 2 * 3);
    resample(source, { channels: 2, height: 4, width: 5 }, { top: 1, left: 2, height: 2, width: 3 }, target, {
      height: 2,
      width: 3,
    });
    expect(Array.from(target)).toEqual([7, 8, 9, 12, 13, 14, 27, 28, 29, 32, 33, 34]);
  });
});
