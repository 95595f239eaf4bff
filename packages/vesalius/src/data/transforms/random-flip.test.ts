import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { applyTransforms } from "./apply-transforms.test.helper.ts";

const flip = { name: "randomFlip", probability: 1 } as const;
const image = { channels: 2, height: 2, width: 3, pixels: Float32Array.from({ length: 12 }, (_, i) => i / 12) };

describe("randomFlip", () => {
  it("swaps left and right, or top and bottom, in every channel", () => {
    const times12 = (axis: "horizontal" | "vertical") =>
      Array.from(applyTransforms(image, [{ ...flip, axis }], randomStream(0)).pixels, (value) =>
        Math.round(value * 12),
      );
    expect(times12("horizontal")).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9]);
    expect(times12("vertical")).toEqual([3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
  });

  it("is its own inverse, and the axes commute", () => {
    const axis = fc.constantFrom("horizontal" as const, "vertical" as const);
    fc.assert(
      fc.property(axis, axis, (first, second) => {
        const apply = (...axes: (typeof first)[]) =>
          applyTransforms(
            image,
            axes.map((name) => ({ ...flip, axis: name })),
            randomStream(0),
          ).pixels;
        expect(apply(first, first)).toEqual(image.pixels);
        expect(apply(first, second)).toEqual(apply(second, first));
      }),
    );
  });

  it("happens as often as its probability says", () => {
    const spec = { name: "randomFlip", probability: 0.3 } as const;
    const flipped = Array.from(
      { length: 2000 },
      (_, i) => applyTransforms(image, [spec], randomStream(i)).pixels[0] !== 0,
    );
    const rate = flipped.filter(Boolean).length / 2000;
    // Three standard errors of a proportion of 0.3 over 2000 draws are 0.031.
    expect(Math.abs(rate - 0.3)).toBeLessThan(0.031);
  });
});
